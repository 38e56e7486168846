package io.dvflow.dataplane.copy;

/** How much there is to do of a disk, and how much of it is done, in bytes of the disk. Both may be asked at any time. */
public interface Amount {

    /** 0 while unknown; an estimate may change. */
    long size();

    long done();

    /**
     * Of several passes that take about as long as each other.
     *
     * @param number from 0
     */
    record Pass(int number, int of) {
        public static final Pass ONLY = new Pass(0, 1);
        public static final Pass FIRST_OF_TWO = new Pass(0, 2);
        public static final Pass SECOND_OF_TWO = new Pass(1, 2);
    }

    /** The same, as a part of all that there is to do. */
    default Amount as(Pass pass) {
        Amount whole = this;
        return new Amount() {
            @Override
            public long size() {
                return whole.size();
            }

            @Override
            public long done() {
                return (whole.size() * pass.number + whole.done()) / pass.of;
            }
        };
    }

    /** Of a disk whose size is known. */
    static Amount of(long size, Ledger ledger) {
        return new Amount() {
            @Override
            public long size() {
                return size;
            }

            @Override
            public long done() {
                return ledger.doneBytes();
            }
        };
    }
}
