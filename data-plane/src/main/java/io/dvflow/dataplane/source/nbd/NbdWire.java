package io.dvflow.dataplane.source.nbd;

import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.CancelledKeyException;
import java.nio.channels.ClosedSelectorException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;

/** Numbers and bytes over a Unix socket, with an end to every wait. Closing it from another thread ends a wait at once. */
final class NbdWire implements Closeable {

    private static final int BUFFER = 64 << 10;

    private final SocketChannel channel;
    private final Selector selector;
    private final SelectionKey key;
    private final Duration stallTimeout;
    private final ByteBuffer in = ByteBuffer.allocate(BUFFER).limit(0);

    private NbdWire(SocketChannel channel, Duration stallTimeout) throws IOException {
        this.channel = channel;
        this.stallTimeout = stallTimeout;
        channel.configureBlocking(false);
        this.selector = Selector.open();
        this.key = channel.register(selector, SelectionKey.OP_READ);
    }

    static NbdWire connect(Path socket, Duration stallTimeout) throws IOException {
        SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
        try {
            channel.connect(UnixDomainSocketAddress.of(socket));
            return new NbdWire(channel, stallTimeout);
        } catch (IOException e) {
            channel.close();
            throw e;
        }
    }

    void send(ByteBuffer message) throws IOException {
        while (message.hasRemaining()) {
            if (channel.write(message) == 0) {
                await(SelectionKey.OP_WRITE);
            }
        }
    }

    short int16() throws IOException {
        need(2);
        return in.getShort();
    }

    int int32() throws IOException {
        need(4);
        return in.getInt();
    }

    long int64() throws IOException {
        need(8);
        return in.getLong();
    }

    /** @param length checked by the caller */
    String text(int length) throws IOException {
        byte[] bytes = new byte[length];
        ByteBuffer into = ByteBuffer.wrap(bytes);
        while (into.hasRemaining()) {
            some(into, into.remaining());
        }
        return new String(bytes, StandardCharsets.UTF_8);
    }

    void skip(long length) throws IOException {
        ByteBuffer nowhere = ByteBuffer.allocate((int) Math.min(BUFFER, length));
        for (long left = length; left > 0; ) {
            left -= some(nowhere.clear(), left);
        }
    }

    /** At least one byte, at most {@code most}. */
    int some(ByteBuffer into, long most) throws IOException {
        int count = (int) Math.min(most, into.remaining());
        int limit = into.limit();
        into.limit(into.position() + count);
        try {
            if (in.hasRemaining()) {
                int got = Math.min(count, in.remaining());
                into.put(in.slice(in.position(), got));
                in.position(in.position() + got);
                return got;
            }
            return receive(into);
        } finally {
            into.limit(limit);
        }
    }

    @Override
    public void close() throws IOException {
        channel.close();
        selector.close();
    }

    private void need(int bytes) throws IOException {
        while (in.remaining() < bytes) {
            in.compact();
            try {
                receive(in);
            } finally {
                in.flip();
            }
        }
    }

    private int receive(ByteBuffer into) throws IOException {
        while (true) {
            int got = channel.read(into);
            if (got > 0) {
                return got;
            }
            if (got < 0) {
                throw new EOFException("the NBD server closed the connection");
            }
            await(SelectionKey.OP_READ);
        }
    }

    private void await(int operation) throws IOException {
        try {
            key.interestOps(operation);
            if (selector.select(stallTimeout.toMillis()) == 0 && channel.isOpen()) {
                throw new SocketTimeoutException(
                        "nothing came from the NBD server for " + stallTimeout.toMillis() / 1000.0 + " s");
            }
            selector.selectedKeys().clear();
        } catch (ClosedSelectorException | CancelledKeyException e) {
            throw new IOException("the connection was closed from this side", e);
        }
    }
}
