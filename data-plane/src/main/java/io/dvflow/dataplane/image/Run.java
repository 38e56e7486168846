package io.dvflow.dataplane.image;

/** A stretch of the virtual disk, and where its content comes from. Guest offsets count bytes of the virtual disk. */
public sealed interface Run {

    long guest();

    long length();

    default long guestEnd() {
        return guest() + length();
    }

    /** Bytes of the disk that bytes of the source stand for, from {@code host} on. */
    sealed interface Stored extends Run {

        long host();

        /** Where those in the source end. */
        long hostEnd();
    }

    /** The bytes lie as they are in the source. */
    record Data(long guest, long length, long host) implements Stored {
        @Override
        public long hostEnd() {
            return host + length;
        }
    }

    /**
     * The bytes are the first {@code length} of what {@code hostLength} bytes of the source decompress to.
     *
     * @param hostLength may reach past the last compressed byte, not past the end of the source
     */
    record Compressed(long guest, long length, long host, int hostLength) implements Stored {
        @Override
        public long hostEnd() {
            return host + hostLength;
        }
    }

    /**
     * The bytes are all that a block of the source holds, of any size: it is unpacked as a stream.
     *
     * @param hostLength bytes of the block in the source
     */
    record Packed(long guest, long length, long host, long hostLength) implements Stored {
        @Override
        public long hostEnd() {
            return host + hostLength;
        }
    }

    /** Nothing but zeros, and nothing in the source. */
    record Zero(long guest, long length) implements Run {}
}
