package io.dvflow.activities.transfer;

import io.dvflow.activities.Trouble;
import io.dvflow.api.Reasons;
import io.dvflow.transfer.ErrorClass;
import io.dvflow.transfer.FailureReason;
import io.dvflow.transfer.TransferOutcome;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * How a transfer pod ended without finishing.
 *
 * @param cause one word for programs
 * @param conditionReason for the Running condition
 * @param message for people
 */
record PodFailure(
        ErrorClass errorClass, String cause, String conditionReason, String message, Optional<Duration> retryAfter) {

    static final String OUT_OF_MEMORY = "OUT_OF_MEMORY";
    /** It ended without a word, or was told to end by somebody else. */
    static final String POD_ENDED = "POD_ENDED";

    /** Phrases of tools that mean the one thing users can act on; CDI's clients know the sentence. */
    private static final String CLIENTS_WORDS = "DataVolume too small to contain image";

    private static final List<String> TOO_SMALL = List.of(
            "is larger than the reported available",
            "no space left on device",
            "file largest block is bigger than maxblock",
            "disk quota exceeded");

    static PodFailure transientTrouble(String cause, String message) {
        return new PodFailure(ErrorClass.TRANSIENT, cause, Reasons.ERROR, message, Optional.empty());
    }

    static PodFailure of(TransferOutcome.Failed failed, MountedObjects mounted) {
        return new PodFailure(
                failed.errorClass(),
                failed.reason().name(),
                conditionReason(failed),
                asClientsKnowIt(failed.message()) + whereToLook(failed.reason(), mounted),
                failed.retryAfterSeconds().map(Duration::ofSeconds));
    }

    private static String conditionReason(TransferOutcome.Failed failed) {
        if (failed.reason() == FailureReason.CHECKSUM_MISMATCH) {
            return Reasons.CHECKSUM_ERROR;
        }
        return failed.message().contains(PodReader.PULL_FAILED) ? Reasons.IMAGE_PULL_FAILED : Reasons.ERROR;
    }

    Trouble.Kind kind() {
        return switch (errorClass) {
            case TRANSIENT -> Trouble.Kind.TRANSIENT;
            case NEEDS_CHANGE -> Trouble.Kind.NEEDS_CHANGE;
            case FINAL -> Trouble.Kind.FINAL;
        };
    }

    private static String whereToLook(FailureReason reason, MountedObjects mounted) {
        return switch (reason) {
            case UNAUTHORIZED -> mounted.namedSecrets();
            case CERTIFICATE -> mounted.namedConfigMaps();
            case BAD_PLAN -> mounted.named();
            default -> "";
        };
    }

    private static String asClientsKnowIt(String message) {
        String lower = message.toLowerCase(Locale.ROOT);
        boolean tooSmall = TOO_SMALL.stream().anyMatch(lower::contains);
        return tooSmall && !message.contains(CLIENTS_WORDS) ? CLIENTS_WORDS + ": " + message : message;
    }
}
