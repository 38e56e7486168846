package io.dvflow.dataplane.source.http;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.ByteBuffer;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.SSLSocketFactory;

/** A connection with TLS. What is decrypted passes through an array on its way to the caller's buffer. */
final class TlsTransport implements Transport {

    /** More than a TLS record holds. */
    private static final int BUFFER = 32 << 10;

    private final SSLSocket socket;
    private final InputStream in;
    private final OutputStream out;
    private final byte[] buffer = new byte[BUFFER];

    /**
     * Shakes hands.
     *
     * @param plain connected, with a read timeout; closed with this transport
     */
    TlsTransport(Socket plain, SSLSocketFactory factory, String host, int port, boolean verifyHost) throws IOException {
        socket = (SSLSocket) factory.createSocket(plain, host, port, true);
        if (verifyHost) {
            SSLParameters parameters = socket.getSSLParameters();
            parameters.setEndpointIdentificationAlgorithm("HTTPS");
            socket.setSSLParameters(parameters);
        }
        socket.startHandshake();
        in = socket.getInputStream();
        out = socket.getOutputStream();
    }

    /** What is spoken over it is inside of this. */
    Socket socket() {
        return socket;
    }

    @Override
    public int read(ByteBuffer into) throws IOException {
        int got = in.read(buffer, 0, Math.min(buffer.length, into.remaining()));
        if (got > 0) {
            into.put(buffer, 0, got);
        }
        return got;
    }

    @Override
    public void write(byte[] bytes) throws IOException {
        out.write(bytes);
    }

    @Override
    public boolean hasMore() throws IOException {
        return in.available() > 0;
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
