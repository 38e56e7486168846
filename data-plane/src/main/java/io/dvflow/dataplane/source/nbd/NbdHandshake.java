package io.dvflow.dataplane.source.nbd;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** The fixed newstyle negotiation, for the default export. What the server says is checked before it is used. */
final class NbdHandshake {

    private static final long MAGIC = 0x4e42444d41474943L;
    private static final long HAVE_OPTION = 0x49484156454F5054L;
    private static final long OPTION_REPLY = 0x3e889045565a9L;
    private static final int FIXED_NEWSTYLE = 1;
    private static final int NO_ZEROES = 2;

    private static final int OPTION_GO = 7;
    private static final int OPTION_STRUCTURED_REPLY = 8;
    private static final int OPTION_SET_META_CONTEXT = 10;

    private static final int REPLY_ACK = 1;
    private static final int REPLY_INFO = 3;
    private static final int REPLY_META_CONTEXT = 4;
    private static final int REPLY_ERROR = 1 << 31;

    private static final int INFO_EXPORT = 0;
    private static final int INFO_BLOCK_SIZE = 3;
    private static final int CAN_MULTI_CONN = 1 << 8;

    private static final String ALLOCATION = "base:allocation";
    /** No reply to an option is larger in earnest. */
    private static final int LONGEST_REPLY = 16 << 10;
    /** What every server must take where it does not say, and what is enough where it says more. */
    private static final int USUAL_LARGEST_READ = 32 << 20;

    private final NbdWire wire;
    private long size = -1;
    private int flags;
    private int smallestBlock = 1;
    private int largestRead = USUAL_LARGEST_READ;
    private int context = -1;

    private NbdHandshake(NbdWire wire) {
        this.wire = wire;
    }

    static NbdExport negotiate(NbdWire wire) throws IOException {
        return new NbdHandshake(wire).run();
    }

    private NbdExport run() throws IOException {
        if (wire.int64() != MAGIC || wire.int64() != HAVE_OPTION) {
            throw new IOException("what listens there is no NBD server of this century");
        }
        int offered = wire.int16();
        if ((offered & FIXED_NEWSTYLE) == 0) {
            throw new IOException("the NBD server does not speak the fixed newstyle protocol");
        }
        wire.send(ByteBuffer.allocate(4)
                .putInt(offered & (FIXED_NEWSTYLE | NO_ZEROES))
                .flip());
        boolean structured = ask(OPTION_STRUCTURED_REPLY, ByteBuffer.allocate(0));
        if (structured) {
            ask(OPTION_SET_META_CONTEXT, allocationQuery());
        }
        ByteBuffer go = ByteBuffer.allocate(8).putInt(0).putShort((short) 1).putShort((short) INFO_BLOCK_SIZE);
        if (!ask(OPTION_GO, go.flip())) {
            throw new IOException("the NBD server does not open its disk");
        }
        if (size <= 0) {
            throw new IOException("the NBD server says its disk has " + size + " bytes");
        }
        return new NbdExport(size, smallestBlock, largestRead, (flags & CAN_MULTI_CONN) != 0, structured, context);
    }

    private static ByteBuffer allocationQuery() {
        byte[] query = ALLOCATION.getBytes(StandardCharsets.US_ASCII);
        return ByteBuffer.allocate(12 + query.length)
                .putInt(0)
                .putInt(1)
                .putInt(query.length)
                .put(query)
                .flip();
    }

    /** Whether the server agreed. */
    private boolean ask(int option, ByteBuffer data) throws IOException {
        wire.send(ByteBuffer.allocate(16 + data.remaining())
                .putLong(HAVE_OPTION)
                .putInt(option)
                .putInt(data.remaining())
                .put(data)
                .flip());
        while (true) {
            long magic = wire.int64();
            int answered = wire.int32();
            int type = wire.int32();
            int length = wire.int32();
            if (magic != OPTION_REPLY || answered != option || length < 0 || length > LONGEST_REPLY) {
                throw new IOException("the NBD server's answer to option " + option + " makes no sense");
            }
            if (type == REPLY_ACK) {
                wire.skip(length);
                return true;
            }
            if ((type & REPLY_ERROR) != 0) {
                return refused(option, wire.text(length));
            }
            take(type, length);
        }
    }

    private static boolean refused(int option, String why) throws IOException {
        if (option == OPTION_GO) {
            throw new IOException("the NBD server does not open its disk" + (why.isBlank() ? "" : ": " + why));
        }
        return false;
    }

    private void take(int type, int length) throws IOException {
        if (type == REPLY_META_CONTEXT && length >= 4) {
            int id = wire.int32();
            if (wire.text(length - 4).equals(ALLOCATION)) {
                context = id;
            }
        } else if (type == REPLY_INFO && length >= 2) {
            info(wire.int16(), length - 2);
        } else {
            wire.skip(length);
        }
    }

    private void info(int type, int length) throws IOException {
        if (type == INFO_EXPORT && length == 10) {
            size = wire.int64();
            flags = wire.int16();
        } else if (type == INFO_BLOCK_SIZE && length == 12) {
            smallestBlock = wire.int32();
            wire.int32();
            int largest = wire.int32();
            boolean sensible = smallestBlock > 0 && smallestBlock <= 64 << 10 && Integer.bitCount(smallestBlock) == 1;
            if (!sensible) {
                throw new IOException("the NBD server wants requests in blocks of " + smallestBlock + " bytes");
            }
            // Unsigned, and all ones for "any".
            if (Integer.compareUnsigned(largest, largestRead) < 0) {
                largestRead = Math.max(smallestBlock, largest / smallestBlock * smallestBlock);
            }
        } else {
            wire.skip(length);
        }
    }
}
