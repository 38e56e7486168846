package io.dvflow.testbed.http;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The server. Each connection is a virtual thread; requests on it are answered one after the other.
 *
 * <pre>{@code
 * try (var server = FaultServer.start()) {
 *     Resource disk = server.add("/disk.raw", ResourceSpec.of(bytes).etag("\"v1\""));
 *     disk.faults(Fault.of(Kind.DROP).afterBytes(1000).times(1));
 *     fetch(server.url("/disk.raw"));
 * }
 * }</pre>
 */
public final class FaultServer implements AutoCloseable {

    private final ServerOptions options;
    private final ServerSocket listener;
    private final ConcurrentMap<String, Resource> resources = new ConcurrentHashMap<>();
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();
    private final AtomicLong connections = new AtomicLong();
    private final AdminPath admin = new AdminPath(this);

    private FaultServer(ServerOptions options) throws IOException {
        this.options = options;
        this.listener = options.tls().isPresent()
                ? options.tls().get().getServerSocketFactory().createServerSocket()
                : new ServerSocket();
        listener.setReuseAddress(true);
        listener.bind(new InetSocketAddress(options.bindAddress(), options.port()), 200);
    }

    public static FaultServer start() {
        return start(ServerOptions.defaults());
    }

    public static FaultServer start(ServerOptions options) {
        try {
            FaultServer server = new FaultServer(options);
            Thread.ofPlatform().daemon().name("http-accept").start(server::accept);
            return server;
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot listen on " + options.bindAddress() + " port " + options.port(), e);
        }
    }

    public Resource add(String path, ResourceSpec spec) {
        Resource resource = new Resource(path, spec);
        resources.put(path, resource);
        return resource;
    }

    /** The resource of a path, made from the file below the root when asked for the first time. */
    public Optional<Resource> resource(String path) {
        Resource known = resources.get(path);
        if (known != null) {
            return Optional.of(known);
        }
        return fileOf(path).map(file -> resources.computeIfAbsent(path, p -> new Resource(p, ResourceSpec.of(file))));
    }

    public Map<String, Resource> resources() {
        return new TreeMap<>(resources);
    }

    public int port() {
        return listener.getLocalPort();
    }

    public String url(String path) {
        return (options.tls().isPresent() ? "https" : "http") + "://" + options.bindAddress() + ":" + port() + path;
    }

    /** Connections accepted so far. */
    public long connections() {
        return connections.get();
    }

    /** Cuts every connection that is open now. */
    public void dropConnections() {
        open.forEach(FaultServer::closeQuietly);
    }

    @Override
    public void close() {
        try {
            listener.close();
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot stop listening on port " + port(), e);
        }
        resources.values().forEach(resource -> resource.faults());
        dropConnections();
    }

    private void accept() {
        while (!listener.isClosed()) {
            try {
                Socket socket = listener.accept();
                connections.incrementAndGet();
                open.add(socket);
                Thread.ofVirtual().name("http-connection").start(() -> serve(socket));
            } catch (IOException e) {
                if (!listener.isClosed()) {
                    System.err.println("Cannot accept a connection: " + e);
                }
            }
        }
    }

    private void serve(Socket socket) {
        try (socket) {
            socket.setTcpNoDelay(true);
            InputStream in = new BufferedInputStream(socket.getInputStream());
            ReplyWriter writer = new ReplyWriter(socket, options.connectionBytesPerSecond());
            boolean alive = true;
            while (alive) {
                Optional<RequestHead> head = RequestHead.read(in);
                alive = head.isPresent()
                        && answer(head.get(), in, writer)
                        && head.get().keepsAlive();
            }
        } catch (IOException e) {
            // Clients that go away in the middle are what this server is for.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            open.remove(socket);
        }
    }

    private boolean answer(RequestHead head, InputStream in, ReplyWriter writer)
            throws IOException, InterruptedException {
        byte[] body = in.readNBytes(Integer.parseInt(head.headers().getOrDefault("content-length", "0")));
        if (AdminPath.owns(head.path())) {
            return writer.write(admin.answer(head, body), admin.uncounted(), head.isHead());
        }
        String path = URLDecoder.decode(head.path(), StandardCharsets.UTF_8);
        Optional<Resource> resource = resource(path);
        if (resource.isEmpty()) {
            return writer.write(
                    ReplyPlanner.message(404, "text/plain", "no such resource\n"), admin.uncounted(), head.isHead());
        }
        Reply reply = authorized(head) ? ReplyPlanner.plan(head, resource.get()) : loginRequired();
        resource.get()
                .answered(new ServedRequest(
                        head.method(), path, head.headers(), reply.garbage ? 0 : reply.status, System.nanoTime()));
        return writer.write(reply, resource.get(), head.isHead());
    }

    private boolean authorized(RequestHead head) {
        return options.login()
                .map(login -> "Basic "
                        + Base64.getEncoder()
                                .encodeToString(
                                        (login.user() + ":" + login.password()).getBytes(StandardCharsets.UTF_8)))
                .map(expected -> expected.equals(head.headers().get("authorization")))
                .orElse(true);
    }

    private static Reply loginRequired() {
        Reply reply = ReplyPlanner.message(401, "text/plain", "login required\n");
        reply.headers.put("WWW-Authenticate", "Basic realm=\"images\"");
        return reply;
    }

    private Optional<Path> fileOf(String path) {
        return options.root()
                .map(root -> root.toAbsolutePath().normalize())
                .map(root -> root.resolve(path.substring(1)).normalize())
                .filter(file -> file.startsWith(
                        options.root().orElseThrow().toAbsolutePath().normalize()))
                .filter(Files::isRegularFile);
    }

    private static void closeQuietly(Socket socket) {
        try {
            socket.close();
        } catch (IOException e) {
            // It is gone either way.
        }
    }
}
