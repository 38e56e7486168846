package io.dvflow.dataplane.source.nbd;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Optional;

/** How far the answer to one request has come. Bytes that come before it is their turn are kept. */
final class NbdReply {

    private final long cookie;
    private final long end;
    private long at;
    private boolean ended;
    private Optional<ByteBuffer> room = Optional.empty();
    private int kept;
    private int taken;

    NbdReply(long cookie, long offset, int length) {
        this.cookie = cookie;
        this.at = offset;
        this.end = offset + length;
    }

    boolean answers(long otherCookie) {
        return cookie == otherCookie;
    }

    /** The byte that is to come next. */
    long at() {
        return at;
    }

    /** Bytes still to come. */
    long missing() {
        return end - at;
    }

    void came(int bytes) {
        at += bytes;
    }

    /** No chunk follows the one that is being read. */
    void end() {
        ended = true;
    }

    boolean hasEnded() {
        return ended;
    }

    void checkWhole() throws IOException {
        if (at != end) {
            throw new IOException("the NBD server's answer ends at byte " + at + ", expected " + end);
        }
    }

    boolean needsRoom() {
        return room.isEmpty();
    }

    /** @param given as large as any request */
    void keepIn(ByteBuffer given) {
        room = Optional.of(given);
    }

    /** Where the next bytes are kept; how many there are has to be said by {@link #kept}. */
    ByteBuffer room() {
        return room.orElseThrow().duplicate().clear().position(kept);
    }

    void kept(int bytes) {
        kept += bytes;
        came(bytes);
    }

    boolean hasKept() {
        return taken < kept;
    }

    int takeKept(ByteBuffer into) {
        int count = Math.min(kept - taken, into.remaining());
        into.put(into.position(), room.orElseThrow(), taken, count);
        into.position(into.position() + count);
        taken += count;
        return count;
    }

    /** The room that was given, for another reply. */
    Optional<ByteBuffer> giveBack() {
        return room;
    }
}
