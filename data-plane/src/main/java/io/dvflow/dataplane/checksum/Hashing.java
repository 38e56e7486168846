package io.dvflow.dataplane.checksum;

import io.dvflow.dataplane.checksum.RunningDigest.State;
import io.dvflow.dataplane.source.SequentialReader;
import io.dvflow.transfer.Mark;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;

/** See {@link Checksum#hash}. */
public final class Hashing implements SequentialReader {

    private static final String KIND = "kind";
    private static final String CHAIN = "chain";
    private static final String REST = "rest";
    /** For buffers on the heap, which native code cannot read. */
    private static final int BUFFER = 64 << 10;

    private final Checksum checksum;
    private final SequentialReader reader;
    private final RunningDigest digest;
    private final Arena arena = Arena.ofShared();
    private MemorySegment between;
    private boolean verified;

    Hashing(Checksum checksum, SequentialReader reader, Optional<Mark> from) {
        this.checksum = checksum;
        this.reader = reader;
        this.digest = checksum.algorithm().start();
        from.ifPresent(mark -> {
            reader.skipTo(mark.position());
            digest.goOnFrom(state(mark), mark.position());
        });
    }

    static boolean isMarkOf(Algorithm algorithm, Mark mark) {
        return mark.position() > 0
                && algorithm.label().equals(mark.state().get(KIND))
                && algorithm.fits(state(mark), mark.position());
    }

    @Override
    public int read(ByteBuffer into) {
        return into.isDirect() ? hashInto(into) : copyInto(into);
    }

    @Override
    public long position() {
        return reader.position();
    }

    @Override
    public Mark mark() {
        State state = digest.state();
        Base64.Encoder text = Base64.getEncoder().withoutPadding();
        return new Mark(
                position(),
                Map.of(
                        KIND, checksum.algorithm().label(),
                        CHAIN, text.encodeToString(state.chain()),
                        REST, text.encodeToString(state.rest())),
                Optional.of(reader.mark()));
    }

    @Override
    public void close() {
        digest.close();
        arena.close();
        reader.close();
    }

    private int hashInto(ByteBuffer into) {
        MemorySegment seen = MemorySegment.ofBuffer(into);
        int got = reader.read(into);
        if (got > 0) {
            digest.update(seen.asSlice(0, got));
        } else {
            verifyOnce();
        }
        return got;
    }

    private int copyInto(ByteBuffer into) {
        if (between == null) {
            between = arena.allocate(BUFFER);
        }
        int got = hashInto(between.asByteBuffer().limit(Math.min(BUFFER, into.remaining())));
        if (got > 0) {
            into.put(between.asSlice(0, got).asByteBuffer());
        }
        return got;
    }

    private void verifyOnce() {
        if (!verified) {
            checksum.verify(digest.digest());
            verified = true;
        }
    }

    private static State state(Mark mark) {
        return new State(bytes(mark, CHAIN), bytes(mark, REST));
    }

    private static byte[] bytes(Mark mark, String name) {
        try {
            return Base64.getDecoder().decode(mark.state().getOrDefault(name, ""));
        } catch (IllegalArgumentException e) {
            // Then it fits nothing.
            return new byte[0];
        }
    }
}
