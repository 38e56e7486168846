package io.dvflow.dataplane.unpack;

import java.lang.foreign.MemorySegment;

/** Decodes xz blocks: header, data, padding and check; one at a time, out of whatever they lie in. */
final class XzBlock implements AutoCloseable {

    private final PackedInput input;
    private final MemoryBudget.Share memory;
    private final Lzma lzma;
    private int headerBytes;
    private int checkBytes;
    private boolean ended;

    XzBlock(PackedInput input, MemoryBudget.Share memory) {
        this.input = input;
        this.memory = memory;
        this.lzma = new Lzma(input.arena());
    }

    /** Takes the header of the block that comes next in the input, of a stream with checks of this kind. */
    void begin(XzCheck check) {
        if (!lzma.knows(check.id())) {
            throw input.trouble()
                    .unsupported("is protected by check " + check.id() + ", which this container's liblzma cannot"
                            + " verify. Pack it again with xz --check=crc64");
        }
        byte[] header = new byte[(input.peek() + 1) * 4];
        input.next(header, 0);
        require(lzma.readHeader(header, check.id()));
        reserve(lzma.memoryNeeded());
        require(lzma.start());
        headerBytes = header.length;
        checkBytes = check.bytes();
        ended = false;
    }

    private void require(int result) {
        switch (result) {
            case Lzma.OK -> {
                // It goes on.
            }
            case Lzma.OPTIONS_ERROR ->
                throw input.trouble()
                        .unsupported("uses filters that this container's liblzma does not know. Pack it again with xz");
            default -> throw input.trouble().corrupt("the block header before byte " + input.position() + " is broken");
        }
    }

    private void reserve(long needed) {
        if (needed < 0 || needed > UnpackingLimits.XZ_MEMORY) {
            lzma.forget();
            throw input.trouble()
                    .unsupported("needs " + (needed < 0 ? "an unknown amount" : (needed >>> 20) + " MiB")
                            + " of memory to be unpacked, and " + (UnpackingLimits.XZ_MEMORY >> 20)
                            + " MiB are what there is for it. Pack it again with a smaller dictionary (xz -9 needs 65"
                            + " MiB)");
        }
        memory.reserve(needed);
    }

    /** Decodes at least one byte; -1 when the block has ended and its check is right. */
    int decode(MemorySegment into) {
        int got = 0;
        while (got == 0 && !ended) {
            if (input.isEmpty() && !input.refill()) {
                throw input.truncated();
            }
            MemorySegment from = input.atHand();
            int result = lzma.decode(from, into);
            input.consumed(from.byteSize() - lzma.inputLeft());
            got = (int) (into.byteSize() - lzma.roomLeft());
            ended = result == Lzma.STREAM_END;
            if (!ended && result != Lzma.OK && result != Lzma.BUF_ERROR) {
                throw input.trouble()
                        .corrupt("the block before byte " + input.position()
                                + " cannot be decoded, or is not what its check says");
            }
        }
        return got == 0 ? -1 : got;
    }

    /** As the index counts a block. */
    long unpaddedSize() {
        return headerBytes + lzma.compressedSize() + checkBytes;
    }

    long plainSize() {
        return lzma.uncompressedSize();
    }

    @Override
    public void close() {
        lzma.close();
        memory.release();
    }
}
