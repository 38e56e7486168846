package io.dvflow.dataplane.unpack;

import io.dvflow.transfer.Mark;
import java.lang.foreign.MemorySegment;
import java.util.Map;
import java.util.Optional;

/**
 * xz, stream after stream, block after block. It can be taken up at the beginning of any block: what has been seen of the
 * stream until there is kept in the mark, so that the index at its end is held against all blocks all the same.
 */
final class XzDecoder implements Decoder {

    private static final String CHECK = "check";
    private static final String BLOCKS = "blocks";
    private static final String UNPADDED = "unpadded";
    private static final String PLAIN = "plain";

    private final PackedInput input;
    private final XzBlock block;
    private Optional<XzCheck> stream = Optional.empty();
    private XzTotals totals = XzTotals.NONE;
    private boolean inBlock;
    private boolean first = true;
    private long position;
    private Mark mark = Mark.at(0);

    XzDecoder(PackedInput input, Optional<Mark> from) {
        this.input = input;
        this.block = new XzBlock(input, new MemoryBudget(UnpackingLimits.XZ_MEMORY).share());
        from.ifPresent(this::goOnFrom);
    }

    @Override
    public int decode(MemorySegment into) {
        while (true) {
            if (!inBlock && !nextBlock()) {
                return -1;
            }
            int got = block.decode(into);
            if (got > 0) {
                position += got;
                return got;
            }
            inBlock = false;
            totals = totals.plus(block.unpaddedSize(), block.plainSize());
        }
    }

    @Override
    public Mark mark() {
        return mark;
    }

    @Override
    public void close() {
        block.close();
    }

    /** @return false at the end of the last stream */
    private boolean nextBlock() {
        while (stream.isEmpty() || input.peek() == 0) {
            if (stream.isPresent()) {
                endStream();
            }
            if (!first && onlyPaddingFollows()) {
                return false;
            }
            beginStream();
        }
        setMark();
        block.begin(stream.get());
        inBlock = true;
        return true;
    }

    private void beginStream() {
        byte[] header = new byte[XzFrame.BYTES];
        long at = input.position();
        input.next(header, 0);
        Optional<XzCheck> found = XzFrame.header(header);
        if (found.isEmpty()) {
            throw input.trouble()
                    .corrupt("what comes at byte " + at + " is no xz stream. Remove what was appended to it, or pack it"
                            + " again");
        }
        stream = found;
        totals = XzTotals.NONE;
        first = false;
    }

    private void endStream() {
        long indexBytes = XzIndexReader.verify(input, totals);
        byte[] bytes = new byte[XzFrame.BYTES];
        input.next(bytes, 0);
        boolean right = XzFrame.footer(bytes)
                .filter(footer -> footer.check().equals(stream.get()) && footer.indexBytes() == indexBytes)
                .isPresent();
        if (!right) {
            throw input.trouble().corrupt("its footer before byte " + input.position() + " is not right");
        }
        stream = Optional.empty();
        setMark();
    }

    /** Between streams and after the last one there may be zeros, four at a time. */
    private boolean onlyPaddingFollows() {
        long zeros = 0;
        while (input.peek() == 0) {
            input.next();
            zeros++;
        }
        if (zeros % 4 != 0) {
            throw input.trouble().corrupt("it is padded with " + zeros + " zeros, which is no multiple of four");
        }
        return input.peek() < 0;
    }

    private void setMark() {
        mark = input.mark(
                position,
                stream.map(check -> Map.of(
                                CHECK, Integer.toString(check.id()),
                                BLOCKS, Long.toString(totals.blocks()),
                                UNPADDED, Long.toString(totals.unpadded()),
                                PLAIN, Long.toString(totals.plain())))
                        .orElse(Map.of()));
    }

    private void goOnFrom(Mark from) {
        mark = from;
        position = from.position();
        first = false;
        Map<String, String> state = from.state();
        if (state.containsKey(CHECK)) {
            stream = Optional.of(new XzCheck(Integer.parseInt(state.get(CHECK))));
            totals = new XzTotals(
                    Long.parseLong(state.get(BLOCKS)),
                    Long.parseLong(state.get(UNPADDED)),
                    Long.parseLong(state.get(PLAIN)));
        }
    }
}
