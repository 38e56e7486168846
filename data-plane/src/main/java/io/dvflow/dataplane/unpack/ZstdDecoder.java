package io.dvflow.dataplane.unpack;

import io.dvflow.transfer.Mark;
import java.lang.foreign.MemorySegment;
import java.util.Map;
import java.util.Optional;

/**
 * zstd (RFC 8878), one frame after the other, skippable ones included. It can be taken up at the beginning of any frame.
 */
final class ZstdDecoder implements Decoder {

    private final PackedInput input;
    private final Zstd zstd;
    private boolean inFrame;
    /** Whether libzstd may hold bytes for which there was no room. */
    private boolean holdsMore;

    private long position;
    private Mark mark = Mark.at(0);

    ZstdDecoder(PackedInput input, Optional<Mark> from) {
        this.input = input;
        this.zstd = new Zstd(UnpackingLimits.WINDOW_LOG, input.arena());
        from.ifPresent(place -> {
            mark = place;
            position = place.position();
        });
    }

    @Override
    public int decode(MemorySegment into) {
        int got = 0;
        while (got == 0) {
            if (input.isEmpty() && !holdsMore && !input.refill()) {
                if (inFrame) {
                    throw input.truncated();
                }
                return -1;
            }
            got = step(into);
        }
        return got;
    }

    @Override
    public Mark mark() {
        return mark;
    }

    @Override
    public void close() {
        zstd.close();
    }

    private int step(MemorySegment into) {
        long result = zstd.decode(input.atHand(), into);
        int error = Zstd.errorOf(result);
        if (error != 0) {
            throw failed(error);
        }
        input.consumed(zstd.taken());
        int got = (int) zstd.made();
        position += got;
        inFrame = result != 0;
        holdsMore = inFrame && got == into.byteSize();
        if (!inFrame) {
            mark = input.mark(position, Map.of());
        }
        return got;
    }

    private RuntimeException failed(int error) {
        if (error == Zstd.WINDOW_TOO_LARGE) {
            return input.trouble()
                    .unsupported("needs a window of more than " + (1 << (UnpackingLimits.WINDOW_LOG - 20))
                            + " MiB of memory, which zstd does not take either unless told to. Pack it again without"
                            + " --long or --ultra, or with --long=" + UnpackingLimits.WINDOW_LOG + " at most");
        }
        return input.trouble()
                .corrupt("the frame before byte " + input.position() + " cannot be decoded (libzstd error " + error
                        + "), or is not what its checksum says");
    }
}
