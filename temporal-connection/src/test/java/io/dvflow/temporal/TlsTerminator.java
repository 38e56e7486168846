package io.dvflow.temporal;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.security.GeneralSecurityException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Stands in front of a server that speaks plain text, as the frontend of a real Temporal cluster would be set up: TLS with
 * HTTP/2, and only for clients with a certificate of the authority.
 */
final class TlsTerminator implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(TlsTerminator.class);

    private final SSLServerSocket listening;
    private final InetSocketAddress behind;
    private final ExecutorService pipes = Executors.newVirtualThreadPerTaskExecutor();

    private TlsTerminator(SSLServerSocket listening, InetSocketAddress behind) {
        this.listening = listening;
        this.behind = behind;
    }

    /** @param behind where the bytes go */
    static TlsTerminator start(TestAuthority authority, InetSocketAddress behind)
            throws IOException, GeneralSecurityException {
        var keys = KeyManagerFactory.getInstance("PKIX");
        keys.init(authority.serverKeys(), TestAuthority.PASSWORD);
        var trust = TrustManagerFactory.getInstance("PKIX");
        trust.init(authority.trusted());
        SSLContext tls = SSLContext.getInstance("TLS");
        tls.init(keys.getKeyManagers(), trust.getTrustManagers(), null);
        var socket = (SSLServerSocket)
                tls.getServerSocketFactory().createServerSocket(0, 50, InetAddress.getLoopbackAddress());
        SSLParameters parameters = socket.getSSLParameters();
        parameters.setNeedClientAuth(true);
        parameters.setApplicationProtocols(new String[] {"h2"});
        socket.setSSLParameters(parameters);
        var terminator = new TlsTerminator(socket, behind);
        terminator.pipes.execute(terminator::accept);
        return terminator;
    }

    /** Host and port for clients. */
    String address() {
        return "127.0.0.1:" + listening.getLocalPort();
    }

    private void accept() {
        while (!listening.isClosed()) {
            try {
                var client = (SSLSocket) listening.accept();
                pipes.execute(() -> serve(client));
            } catch (IOException e) {
                if (!listening.isClosed()) {
                    LOG.warn("The listening socket broke", e);
                }
            }
        }
    }

    private void serve(SSLSocket client) {
        try (client;
                Socket server = new Socket(behind.getAddress(), behind.getPort())) {
            client.startHandshake();
            var answers = pipes.submit(() -> {
                pipe(server, client);
                return null;
            });
            pipe(client, server);
            answers.cancel(true);
        } catch (IOException e) {
            // Most of the tests are about handshakes that do not succeed.
            LOG.info("A connection ended: {}", e.toString());
        }
    }

    private static void pipe(Socket from, Socket to) throws IOException {
        InputStream in = from.getInputStream();
        in.transferTo(to.getOutputStream());
    }

    @Override
    public void close() throws IOException {
        listening.close();
        pipes.shutdownNow();
    }
}
