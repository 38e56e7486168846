package io.dvflow.dataplane.source.nbd;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/**
 * One connection to an NBD server. Requests may be sent before those ahead of them are answered; the server answers in
 * whatever order it likes, and what comes early is kept. After a failure the connection is good for nothing but closing.
 * Belongs to one thread, but may be closed by another.
 */
final class NbdConnection implements Closeable {

    private static final int REQUEST = 0x25609513;
    private static final int SIMPLE_REPLY = 0x67446698;
    private static final int CHUNK = 0x668e33ef;
    private static final int READ = 0;
    private static final int BLOCK_STATUS = 7;

    private static final int DONE = 1;
    private static final int TYPE_NONE = 0;
    private static final int TYPE_DATA = 1;
    private static final int TYPE_HOLE = 2;
    private static final int TYPE_BLOCK_STATUS = 5;
    private static final int TYPE_ERROR = 1 << 15;

    /** A hole may hold anything; only this says that it reads as zeros. */
    private static final int STATE_ZERO = 2;

    /** Bytes of one request, so that those that come early have a bound. */
    static final int LARGEST_REQUEST = 2 << 20;

    private static final int LONGEST_ERROR = 8 << 10;
    /** Descriptors of one answer; a server may send as many as it likes. */
    private static final int MOST_DESCRIPTORS = 1 << 20;
    /** Of those, what is kept; the rest is asked for again. */
    private static final int MOST_KEPT = 64 << 10;

    private final NbdWire wire;
    private final NbdExport export;
    private long cookie;
    /** Not read to their ends, in the order in which they were asked for. */
    private final Deque<NbdReply> replies = new ArrayDeque<>();
    /** For what comes early. */
    private final Deque<ByteBuffer> spare = new ArrayDeque<>();
    /** Whose chunk is being read, while there is some left of it. */
    private NbdReply arriving;

    private long chunkLeft;
    private boolean chunkIsHole;

    private NbdConnection(NbdWire wire, NbdExport export) {
        this.wire = wire;
        this.export = export;
    }

    /** @param stallTimeout longest wait for the next byte */
    static NbdConnection open(Path socket, Duration stallTimeout) throws IOException {
        NbdWire wire = NbdWire.connect(socket, stallTimeout);
        try {
            return new NbdConnection(wire, NbdHandshake.negotiate(wire));
        } catch (IOException | RuntimeException e) {
            wire.close();
            throw e;
        }
    }

    NbdExport export() {
        return export;
    }

    /**
     * Asks for bytes that {@link #read} then hands out, after those of the requests before.
     *
     * @param length at most {@link #LARGEST_REQUEST}
     */
    void request(long offset, int length) throws IOException {
        send(READ, offset, length);
        replies.add(new NbdReply(cookie, offset, length));
    }

    /** Requests whose answers have not been read to their ends. */
    int inFlight() {
        return replies.size();
    }

    /** At least one byte of the oldest request, in order; -1 at its end, after which the next one is the oldest. */
    int read(ByteBuffer into) throws IOException {
        NbdReply oldest = replies.element();
        while (!oldest.hasKept()) {
            if (chunkLeft == 0 && oldest.hasEnded()) {
                oldest.checkWhole();
                replies.remove().giveBack().ifPresent(spare::add);
                return -1;
            }
            if (chunkLeft == 0) {
                nextChunk();
            } else if (arriving == oldest) {
                int got = some(into);
                oldest.came(got);
                return got;
            } else {
                keep();
            }
        }
        return oldest.takeKept(into);
    }

    /** A stretch of one kind; neighbours are of different kinds. */
    record Extent(long offset, long length, boolean isZero) {
        long end() {
            return offset + length;
        }
    }

    /**
     * What lies where from an offset on: as much of the range as the server tells in one answer, at least one extent. Only
     * while nothing is in flight.
     */
    List<Extent> blockStatus(long offset, int length) throws IOException {
        send(BLOCK_STATUS, offset, length);
        NbdReply reply = new NbdReply(cookie, offset, length);
        replies.add(reply);
        List<Extent> extents = new ArrayList<>();
        while (!reply.hasEnded()) {
            Header chunk = chunkHeader();
            if (chunk.type == TYPE_BLOCK_STATUS) {
                readDescriptors(chunk, extents);
            } else if (chunk.type != TYPE_NONE || chunk.length != 0) {
                throw unexpected(chunk);
            }
        }
        if (extents.isEmpty()) {
            throw new IOException("the NBD server says nothing of what lies at byte " + offset);
        }
        replies.remove();
        return extents;
    }

    @Override
    public void close() throws IOException {
        wire.close();
    }

    private record Header(NbdReply reply, int type, int length) {}

    private void send(int type, long offset, int length) throws IOException {
        wire.send(ByteBuffer.allocate(28)
                .putInt(REQUEST)
                .putShort((short) 0)
                .putShort((short) type)
                .putLong(++cookie)
                .putLong(offset)
                .putInt(length)
                .flip());
    }

    private int some(ByteBuffer into) throws IOException {
        int got = chunkIsHole ? zeros(into) : wire.some(into, chunkLeft);
        chunkLeft -= got;
        return got;
    }

    private void keep() throws IOException {
        if (arriving.needsRoom()) {
            ByteBuffer room = spare.poll();
            arriving.keepIn(room == null ? ByteBuffer.allocateDirect(LARGEST_REQUEST) : room);
        }
        arriving.kept(some(arriving.room()));
    }

    private void nextChunk() throws IOException {
        if (!export.structured()) {
            simpleReply();
            return;
        }
        Header chunk = chunkHeader();
        NbdReply reply = chunk.reply;
        switch (chunk.type) {
            case TYPE_NONE -> wire.skip(checked(chunk.length, 0, chunk));
            case TYPE_DATA -> {
                checkPlace(reply);
                take(reply, checked(chunk.length - 8L, reply.missing(), chunk), false);
            }
            case TYPE_HOLE -> {
                checkPlace(reply);
                take(reply, checked(Integer.toUnsignedLong(wire.int32()), reply.missing(), chunk), true);
            }
            default -> throw unexpected(chunk);
        }
    }

    private void simpleReply() throws IOException {
        int magic = wire.int32();
        int error = wire.int32();
        if (magic != SIMPLE_REPLY) {
            throw senseless();
        }
        NbdReply reply = replyTo(wire.int64());
        if (error != 0) {
            throw NbdException.of("read at byte " + reply.at(), error, "");
        }
        reply.end();
        take(reply, reply.missing(), false);
    }

    /** One that is waited for. */
    private NbdReply replyTo(long answered) throws IOException {
        for (NbdReply reply : replies) {
            if (reply.answers(answered) && !reply.hasEnded()) {
                return reply;
            }
        }
        throw senseless();
    }

    private static IOException senseless() {
        return new IOException("the NBD server's answer makes no sense");
    }

    private void take(NbdReply reply, long length, boolean hole) {
        arriving = reply;
        chunkLeft = length;
        chunkIsHole = hole;
    }

    private void checkPlace(NbdReply reply) throws IOException {
        long offset = wire.int64();
        if (offset != reply.at()) {
            throw new IOException("the NBD server sent byte " + offset + ", expected byte " + reply.at());
        }
    }

    private static long checked(long length, long most, Header chunk) throws IOException {
        if (length < 0 || length > most) {
            throw unexpected(chunk);
        }
        return length;
    }

    private Header chunkHeader() throws IOException {
        int magic = wire.int32();
        int flags = wire.int16() & 0xffff;
        int type = wire.int16() & 0xffff;
        long answered = wire.int64();
        int length = wire.int32();
        if (magic != CHUNK || length < 0) {
            throw senseless();
        }
        Header header = new Header(replyTo(answered), type, length);
        if ((flags & DONE) != 0) {
            header.reply.end();
        }
        if ((type & TYPE_ERROR) != 0) {
            throw error(header);
        }
        return header;
    }

    private IOException error(Header chunk) throws IOException {
        if (chunk.length < 6 || chunk.length > LONGEST_ERROR) {
            return unexpected(chunk);
        }
        int code = wire.int32();
        int messageLength = wire.int16() & 0xffff;
        if (messageLength > chunk.length - 6) {
            return unexpected(chunk);
        }
        return NbdException.of("read at byte " + chunk.reply.at(), code, wire.text(messageLength));
    }

    private static IOException unexpected(Header chunk) {
        return new IOException(
                "the NBD server sent a chunk of type " + chunk.type + " and " + chunk.length + " bytes, out of place");
    }

    private void readDescriptors(Header chunk, List<Extent> extents) throws IOException {
        int count = (chunk.length - 4) / 8;
        boolean sound = chunk.length >= 12 && (chunk.length - 4) % 8 == 0 && count <= MOST_DESCRIPTORS;
        if (!sound || wire.int32() != export.allocationContext()) {
            throw unexpected(chunk);
        }
        for (int i = 0; i < count; i++) {
            long bytes = Integer.toUnsignedLong(wire.int32());
            int state = wire.int32();
            if (bytes == 0) {
                throw new IOException("the NBD server told of an extent of no bytes");
            }
            // The last one may reach past what was asked for.
            int inside = (int) Math.min(bytes, chunk.reply.missing());
            if (inside > 0 && extents.size() < MOST_KEPT) {
                add(extents, new Extent(chunk.reply.at(), inside, (state & STATE_ZERO) != 0));
                chunk.reply.came(inside);
            }
        }
    }

    private static void add(List<Extent> extents, Extent next) {
        if (!extents.isEmpty() && extents.getLast().isZero() == next.isZero()) {
            Extent before = extents.removeLast();
            extents.add(new Extent(before.offset(), before.length() + next.length(), next.isZero()));
        } else {
            extents.add(next);
        }
    }

    private int zeros(ByteBuffer into) {
        int count = (int) Math.min(chunkLeft, into.remaining());
        for (int i = 0; i < count; i++) {
            into.put((byte) 0);
        }
        return count;
    }
}
