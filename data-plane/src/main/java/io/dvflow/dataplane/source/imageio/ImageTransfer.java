package io.dvflow.dataplane.source.imageio;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Locale;
import java.util.Optional;

/**
 * An image transfer as the engine describes it: a lock on a disk, and a ticket to read it.
 *
 * @param phase as the engine calls it, in lower case
 * @param transferUrl where the host serves the disk; there once the phase is {@code transferring}
 * @param proxyUrl the same through the engine's own host
 * @param subject ID of the disk or of the disk snapshot that is read; empty if the engine does not say
 */
record ImageTransfer(
        String id, String phase, Optional<String> transferUrl, Optional<String> proxyUrl, Optional<String> subject) {

    /** What can be done about a transfer in its phase. */
    enum State {
        STARTING,
        READY,
        PAUSED,
        OVER
    }

    static ImageTransfer of(JsonNode json) {
        return new ImageTransfer(
                EngineApi.identifier(json.path("id").asText()),
                json.path("phase").asText("unknown").toLowerCase(Locale.ROOT),
                text(json.path("transfer_url")),
                text(json.path("proxy_url")),
                text(json.path("snapshot").path("id"))
                        .or(() -> text(json.path("disk").path("id")))
                        .or(() -> text(json.path("image").path("id"))));
    }

    State state() {
        return switch (phase) {
            case "transferring" -> State.READY;
            case "initializing", "resuming", "unknown" -> State.STARTING;
            case "paused_system", "paused_user" -> State.PAUSED;
            // Cancelled, finalizing, finished: what it had locked is, or is about to be, open to others.
            default -> State.OVER;
        };
    }

    private static Optional<String> text(JsonNode node) {
        return Optional.of(node.asText("")).filter(text -> !text.isBlank());
    }
}
