package io.dvflow.dataplane.source.imageio;

import com.google.gson.annotations.SerializedName;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;

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

    /** As the engine writes it; what it does not say is null. */
    record Document(
            String id,
            String phase,
            @SerializedName("transfer_url") String transferUrl,
            @SerializedName("proxy_url") String proxyUrl,
            EngineImage snapshot,
            EngineImage disk,
            EngineImage image) {

        ImageTransfer transfer() {
            return new ImageTransfer(
                    EngineApi.identifier(id),
                    Objects.requireNonNullElse(phase, "unknown").toLowerCase(Locale.ROOT),
                    text(transferUrl),
                    text(proxyUrl),
                    Stream.of(Optional.ofNullable(snapshot), Optional.ofNullable(disk), Optional.ofNullable(image))
                            .flatMap(named -> named.map(EngineImage::id).flatMap(ImageTransfer::text).stream())
                            .findFirst());
        }
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

    private static Optional<String> text(String found) {
        return Optional.ofNullable(found).filter(text -> !text.isBlank());
    }
}
