package io.dvflow.dataplane.source.http;

import java.io.IOException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.CancelledKeyException;
import java.nio.channels.ClosedSelectorException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.time.Duration;

/**
 * A TCP connection without TLS. Reads straight into the caller's buffer: outside the heap that is the one from which the
 * disk is written, so each byte is copied once, by the kernel. A channel and not a socket's stream for that reason; not
 * blocking, because blocking channels know no timeout.
 */
final class PlainTransport implements Transport {

    private final SocketChannel channel;
    private final Selector selector;
    private final SelectionKey key;
    private final long stallMillis;

    /** @param channel connected; closed with this transport */
    PlainTransport(SocketChannel channel, Duration stallTimeout) throws IOException {
        this.channel = channel;
        this.stallMillis = stallTimeout.toMillis();
        channel.configureBlocking(false);
        selector = Selector.open();
        key = channel.register(selector, SelectionKey.OP_READ);
    }

    @Override
    public int read(ByteBuffer into) throws IOException {
        int got = channel.read(into);
        while (got == 0) {
            await(SelectionKey.OP_READ);
            got = channel.read(into);
        }
        return got;
    }

    @Override
    public void write(byte[] bytes) throws IOException {
        ByteBuffer left = ByteBuffer.wrap(bytes);
        while (left.hasRemaining()) {
            if (channel.write(left) == 0) {
                await(SelectionKey.OP_WRITE);
            }
        }
    }

    @Override
    public boolean hasMore() throws IOException {
        try {
            key.interestOps(SelectionKey.OP_READ);
            selector.selectNow();
            return selector.selectedKeys().remove(key);
        } catch (ClosedSelectorException e) {
            throw new AsynchronousCloseException();
        }
    }

    @Override
    public void close() throws IOException {
        try (selector) {
            channel.close();
        }
    }

    /** Gives the connection back to whoever speaks TLS over it. */
    void release() throws IOException {
        selector.close();
        channel.configureBlocking(true);
    }

    private void await(int operation) throws IOException {
        try {
            key.interestOps(operation);
            selector.select(stallMillis);
            if (!selector.selectedKeys().remove(key)) {
                throw new SocketTimeoutException();
            }
        } catch (ClosedSelectorException | CancelledKeyException e) {
            throw new AsynchronousCloseException();
        }
    }
}
