package io.dvflow.dataplane.source.http;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;

/** Bytes to and from a server. One thread reads and writes; any thread may close it, which ends both. */
sealed interface Transport extends Closeable permits PlainTransport, TlsTransport {

    /**
     * Reads at least one byte.
     *
     * @return -1 when the server has closed its side
     * @throws java.net.SocketTimeoutException when none came for the stall timeout
     */
    int read(ByteBuffer into) throws IOException;

    void write(byte[] bytes) throws IOException;

    /** Whether there is something to read just now; false where that cannot be told. */
    boolean hasMore() throws IOException;
}
