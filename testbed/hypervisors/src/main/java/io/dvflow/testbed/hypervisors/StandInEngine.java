package io.dvflow.testbed.hypervisors;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import javax.net.ssl.SSLContext;

/** oVirt's engine, as far as it lends disks: one transfer a disk at a time, and a lock until it ends. */
public final class StandInEngine implements AutoCloseable {

    public static final String USER = "admin@internal";
    public static final String PASSWORD = "s3cret engine";

    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final String API = "/ovirt-engine/api";

    /** How a host serves what is transferred: where, and how that ends. */
    public interface Host {
        String serve(String subject, boolean shallow);

        void extend(String url);

        void withdraw(String url);
    }

    /** A transfer that was asked for. */
    public static final class Lent {
        private final String id = UUID.randomUUID().toString();
        private final String subjectKind;
        private final String subject;
        private final boolean shallow;
        private final JsonNode asked;
        private volatile String phase = "initializing";
        private volatile String url = "";
        private final AtomicInteger looks = new AtomicInteger();
        private volatile long lastAct = System.nanoTime();

        Lent(String subjectKind, JsonNode asked) {
            this.subjectKind = subjectKind;
            this.subject = asked.path(subjectKind).path("id").asText();
            this.shallow = asked.path("shallow").asText().equals("true");
            this.asked = asked;
        }

        /** What the client sent. */
        public String asked() {
            return asked.toString();
        }

        /** Whether only what the snapshot itself holds was asked for. */
        public boolean isShallow() {
            return shallow;
        }

        /** Where the host serves it, once it does. */
        public String url() {
            return url;
        }

        private boolean isForgotten() {
            long seconds = asked.path("inactivity_timeout").asLong(Long.MAX_VALUE);
            return isOpen() && TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - lastAct) >= seconds;
        }

        boolean isOpen() {
            return !phase.startsWith("finished") && !phase.startsWith("cancelled");
        }
    }

    public final List<String> actions = new CopyOnWriteArrayList<>();
    public final List<Lent> lent = new CopyOnWriteArrayList<>();
    /** Requests to lend something that are still to be refused because it is locked. */
    public final AtomicInteger lockedFor = new AtomicInteger();
    /** Whether nothing can be ended: the engine has a bad moment. */
    public volatile boolean cannotEnd;

    /** What whoever has logged in is told, whatever they ask for. */
    public volatile Optional<Integer> refusal = Optional.empty();

    public volatile Function<String, String> proxied = url -> "";
    public volatile Function<String, String> direct = url -> url;

    private final Map<String, ObjectNode> disks = new ConcurrentHashMap<>();
    private final Map<String, List<ObjectNode>> snapshots = new ConcurrentHashMap<>();
    private final HttpServer server;
    private final Host host;

    private StandInEngine(HttpServer server, Host host) {
        this.server = server;
        this.host = host;
    }

    public static StandInEngine start(Host host) throws IOException {
        return start(HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0), host);
    }

    /** @param address of this machine that it is reached by */
    public static StandInEngine startWithTls(String address, SSLContext identity, Host host) throws IOException {
        HttpsServer server = HttpsServer.create(new InetSocketAddress(address, 0), 0);
        server.setHttpsConfigurator(new HttpsConfigurator(identity));
        return start(server, host);
    }

    private static StandInEngine start(HttpServer server, Host host) {
        StandInEngine engine = new StandInEngine(server, host);
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.createContext(API, engine::answer);
        server.start();
        return engine;
    }

    public String url() {
        InetSocketAddress address = server.getAddress();
        String scheme = server instanceof HttpsServer ? "https" : "http";
        return scheme + "://" + address.getAddress().getHostAddress() + ":" + address.getPort() + API;
    }

    public void addDisk(String id, String imageId) {
        disks.put(
                id,
                JSON.createObjectNode().put("id", id).put("image_id", imageId).put("status", "ok"));
        snapshots.put(id, new ArrayList<>());
    }

    public void addSnapshot(String disk, String id, Optional<String> parent) {
        ObjectNode snapshot = JSON.createObjectNode().put("id", id);
        parent.ifPresent(each -> snapshot.putObject("parent").put("id", each));
        snapshots.get(disk).add(snapshot);
    }

    public List<Lent> open() {
        return lent.stream().filter(Lent::isOpen).toList();
    }

    /** What was done to transfers, but for keeping them alive, which happens once in a while. */
    public List<String> endings() {
        return actions.stream().filter(action -> !action.equals("extend")).toList();
    }

    public long count(String action) {
        return actions.stream().filter(action::equals).count();
    }

    /** What the engine does when a transfer has been idle for too long, or an operator cancels it. */
    public void cancelAll() {
        open().forEach(this::cancel);
    }

    private void cancel(Lent transfer) {
        transfer.phase = "cancelled_system";
        if (!transfer.url.isEmpty()) {
            host.withdraw(transfer.url);
        }
    }

    @Override
    public void close() {
        server.stop(0);
    }

    private void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            String login = Base64.getEncoder().encodeToString((USER + ":" + PASSWORD).getBytes(StandardCharsets.UTF_8));
            if (!("Basic " + login).equals(exchange.getRequestHeaders().getFirst("Authorization"))) {
                send(exchange, 401, JSON.createObjectNode().put("detail", "The user name or password is incorrect."));
                return;
            }
            if (refusal.isPresent()) {
                send(exchange, refusal.get(), JSON.createObjectNode().put("detail", "The user may not do that."));
                return;
            }
            String path = exchange.getRequestURI().getPath().substring(API.length());
            JsonNode body = JSON.readTree(exchange.getRequestBody().readAllBytes());
            answer(exchange, exchange.getRequestMethod(), path.substring(1).split("/"), body);
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
    }

    private synchronized void answer(HttpExchange exchange, String method, String[] path, JsonNode body) {
        if (path[0].equals("disks")) {
            disk(exchange, path);
        } else if (path[0].equals("imagetransfers") && path.length == 1 && method.equals("POST")) {
            lend(exchange, body);
        } else if (path[0].equals("imagetransfers") && path.length > 1) {
            Optional<Lent> transfer =
                    lent.stream().filter(each -> each.id.equals(path[1])).findFirst();
            if (transfer.isEmpty()) {
                send(exchange, 404, JSON.createObjectNode());
            } else if (path.length == 2) {
                look(exchange, transfer.get());
            } else {
                act(exchange, transfer.get(), path[2]);
            }
        } else {
            send(exchange, 404, JSON.createObjectNode());
        }
    }

    private void disk(HttpExchange exchange, String[] path) {
        ObjectNode disk = disks.get(path[1]);
        if (disk == null) {
            send(exchange, 404, JSON.createObjectNode());
        } else if (path.length == 2) {
            send(exchange, 200, disk);
        } else {
            ObjectNode list = JSON.createObjectNode();
            list.putArray("disk_snapshot").addAll(snapshots.get(path[1]));
            send(exchange, 200, list);
        }
    }

    private void lend(HttpExchange exchange, JsonNode body) {
        Lent asked = new Lent(body.has("snapshot") ? "snapshot" : "image", body);
        lent.stream().filter(Lent::isForgotten).forEach(this::cancel);
        boolean taken = open().stream().anyMatch(each -> each.subject.equals(asked.subject));
        if (taken || lockedFor.getAndUpdate(left -> Math.max(0, left - 1)) > 0) {
            ObjectNode fault = JSON.createObjectNode()
                    .put("reason", "Operation Failed")
                    .put("detail", "[Cannot transfer Virtual Disk: Disk is locked. Please try again later.]");
            send(exchange, 409, fault);
            return;
        }
        lent.add(asked);
        send(exchange, 201, described(asked));
    }

    private void look(HttpExchange exchange, Lent transfer) {
        boolean starting = transfer.phase.equals("initializing") || transfer.phase.equals("resuming");
        if (starting && transfer.looks.incrementAndGet() >= 2) {
            transfer.url = host.serve(transfer.subject, transfer.shallow);
            transfer.phase = "transferring";
        }
        send(exchange, 200, described(transfer));
    }

    private void act(HttpExchange exchange, Lent transfer, String action) {
        boolean ends = action.equals("finalize") || action.equals("cancel");
        if (ends && cannotEnd) {
            send(exchange, 500, JSON.createObjectNode());
            return;
        }
        actions.add(action);
        transfer.lastAct = System.nanoTime();
        switch (action) {
            case "extend" -> host.extend(transfer.url);
            case "pause" -> {
                host.withdraw(transfer.url);
                transfer.phase = "paused_user";
            }
            case "resume" -> {
                transfer.phase = "resuming";
                transfer.looks.set(0);
            }
            case "finalize" -> {
                host.withdraw(transfer.url);
                transfer.phase = "finished_success";
            }
            case "cancel" -> {
                if (!transfer.url.isEmpty()) {
                    host.withdraw(transfer.url);
                }
                transfer.phase = "finished_failure";
            }
            default -> throw new IllegalArgumentException(action);
        }
        send(exchange, 200, JSON.createObjectNode().put("status", "complete"));
    }

    private ObjectNode described(Lent transfer) {
        ObjectNode json = JSON.createObjectNode().put("id", transfer.id).put("phase", transfer.phase);
        json.putObject(transfer.subjectKind).put("id", transfer.subject);
        if (transfer.phase.equals("transferring")) {
            json.put("transfer_url", direct.apply(transfer.url)).put("proxy_url", proxied.apply(transfer.url));
        }
        return json;
    }

    private static void send(HttpExchange exchange, int status, ObjectNode body) {
        byte[] bytes = body.toString().getBytes(StandardCharsets.UTF_8);
        try {
            exchange.getResponseHeaders().set("Content-Type", "application/json");
            exchange.sendResponseHeaders(status, bytes.length);
            exchange.getResponseBody().write(bytes);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
