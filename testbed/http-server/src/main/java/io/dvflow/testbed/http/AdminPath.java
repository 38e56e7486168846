package io.dvflow.testbed.http;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;

/**
 * Control while the server runs.
 *
 * <ul>
 *   <li>{@code PUT /_faults} with <code>{"path": "/disk.raw", "faults": [{"kind": "GATE", "afterTotalBytes": 1000}]}
 *       </code> replaces the faults of a path; {@code GET} shows all; {@code DELETE} takes all away and opens every
 * gate
 *   <li>{@code GET /_stats} counts requests, body bytes and held responses by path; {@code DELETE} starts from zero
 *   <li>{@code GET /_log?path=/disk.raw} lists the requests of a path (no header values: they hold credentials)
 * </ul>
 */
final class AdminPath {

    private static final ObjectMapper JSON = JsonMapper.builder().build();
    private static final String FAULTS = "/_faults";
    private static final String STATS = "/_stats";
    private static final String LOG = "/_log";

    private final FaultServer server;
    private final Resource uncounted = new Resource("", ResourceSpec.of(new byte[0]));

    AdminPath(FaultServer server) {
        this.server = server;
    }

    /** The body of {@code PUT /_faults}. */
    record FaultsOfPath(String path, Fault[] faults) {}

    /** A line of {@code GET /_log}. */
    record LogLine(String method, String range, int status) {}

    static boolean owns(String path) {
        return path.equals(FAULTS) || path.equals(STATS) || path.equals(LOG);
    }

    /** Stands in where the writer wants a resource to count for. */
    Resource uncounted() {
        return uncounted;
    }

    Reply answer(RequestHead head, byte[] body) throws IOException {
        return switch (head.method() + " " + head.path()) {
            case "PUT " + FAULTS -> setFaults(body);
            case "GET " + FAULTS -> json(byPath(Resource::currentFaults));
            case "DELETE " + FAULTS -> {
                server.resources().values().forEach(resource -> resource.faults());
                yield json(Map.of());
            }
            case "GET " + STATS -> json(byPath(Resource::stats));
            case "DELETE " + STATS -> {
                server.resources().values().forEach(Resource::resetStats);
                yield json(Map.of());
            }
            case "GET " + LOG -> log(head.query());
            default -> ReplyPlanner.message(405, "text/plain", head.method() + " is not for " + head.path() + "\n");
        };
    }

    private Reply setFaults(byte[] body) throws IOException {
        FaultsOfPath wanted;
        try {
            wanted = JSON.readValue(body, FaultsOfPath.class);
        } catch (JsonProcessingException e) {
            return ReplyPlanner.message(400, "text/plain", e.getOriginalMessage() + "\n");
        }
        Optional<Resource> resource = server.resource(wanted.path());
        if (resource.isEmpty()) {
            return ReplyPlanner.message(404, "text/plain", "no resource " + wanted.path() + "\n");
        }
        resource.get().faults(wanted.faults() == null ? new Fault[0] : wanted.faults());
        return json(resource.get().currentFaults());
    }

    private Reply log(String query) throws JsonProcessingException {
        String path = query.startsWith("path=") ? query.substring("path=".length()) : "";
        Optional<Resource> resource = server.resource(path);
        if (resource.isEmpty()) {
            return ReplyPlanner.message(404, "text/plain", "no resource " + path + "\n");
        }
        return json(resource.get().log().stream()
                .map(request -> new LogLine(request.method(), request.header("range"), request.status()))
                .toList());
    }

    private Map<String, Object> byPath(Function<Resource, Object> value) {
        Map<String, Object> all = new TreeMap<>();
        server.resources().forEach((path, resource) -> all.put(path, value.apply(resource)));
        return all;
    }

    private static Reply json(Object value) throws JsonProcessingException {
        JsonNode tree = JSON.valueToTree(value);
        return ReplyPlanner.message(200, "application/json", JSON.writeValueAsString(tree) + "\n");
    }
}
