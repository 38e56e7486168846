package io.dvflow.testbed.http;

import java.nio.file.Path;
import java.util.Optional;
import javax.net.ssl.SSLContext;

/**
 * How a server is set up. Defaults: loopback, any free port, plain HTTP, no login, no limit.
 *
 * @param root directory whose files are served; empty to serve only what is added
 * @param port 0 for any free one
 * @param connectionBytesPerSecond limit for each connection; 0 for none
 */
public record ServerOptions(
        Optional<Path> root,
        String bindAddress,
        int port,
        Optional<SSLContext> tls,
        Optional<Login> login,
        long connectionBytesPerSecond) {

    /** What basic authentication asks for. */
    public record Login(String user, String password) {
        @Override
        public String toString() {
            return "Login of " + user;
        }
    }

    public static ServerOptions defaults() {
        return new ServerOptions(Optional.empty(), "127.0.0.1", 0, Optional.empty(), Optional.empty(), 0);
    }

    public ServerOptions root(Path directory) {
        return new ServerOptions(Optional.of(directory), bindAddress, port, tls, login, connectionBytesPerSecond);
    }

    public ServerOptions bind(String address, int onPort) {
        return new ServerOptions(root, address, onPort, tls, login, connectionBytesPerSecond);
    }

    public ServerOptions tls(SSLContext context) {
        return new ServerOptions(root, bindAddress, port, Optional.of(context), login, connectionBytesPerSecond);
    }

    public ServerOptions login(String user, String password) {
        return new ServerOptions(
                root, bindAddress, port, tls, Optional.of(new Login(user, password)), connectionBytesPerSecond);
    }

    public ServerOptions connectionBytesPerSecond(long limit) {
        return new ServerOptions(root, bindAddress, port, tls, login, limit);
    }
}
