package io.dvflow.dataplane.target;

import io.dvflow.dataplane.report.TransferFailure;
import io.dvflow.transfer.FailureReason;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Supplier;

/** Says what an I/O error on the target means. */
public final class TargetTrouble {

    private TargetTrouble() {}

    /** What a target that is full should have had room for, and what it has left. */
    record Shortage(long neededBytes, long freeBytes) {
        String numbers() {
            return " (the disk is to have " + neededBytes + " bytes, " + freeBytes + " bytes are free)";
        }

        String advice() {
            return "request at least " + neededBytes
                    + " bytes (plus file system overhead, and what else lies on the volume)";
        }
    }

    public static TransferFailure of(String doing, Path path, IOException e) {
        return of(doing, path, e, Optional::empty);
    }

    /** @param shortage asked for where the target is full; empty if nobody knows */
    static TransferFailure of(String doing, Path path, IOException e, Supplier<Optional<Shortage>> shortage) {
        String message = e.getMessage() == null ? e.toString() : e.getMessage();
        String lower = message.toLowerCase(Locale.ROOT);
        if (lower.contains("no space left on device") || lower.contains("disk quota exceeded")) {
            Optional<Shortage> known = shortage.get();
            return new TransferFailure(
                    FailureReason.TOO_SMALL,
                    "Unable to process data: cannot " + doing + " " + path + ": "
                            + (lower.contains("quota") ? "disk quota exceeded" : "no space left on device")
                            + known.map(Shortage::numbers).orElse("")
                            + ". DataVolume too small to contain image: "
                            + known.map(Shortage::advice).orElse("request a larger PVC"),
                    e);
        }
        boolean denied = e instanceof AccessDeniedException
                || lower.contains("permission denied")
                || lower.contains("operation not permitted")
                || lower.contains("read-only file system");
        if (denied) {
            String why = e instanceof FileSystemException f && f.getReason() != null ? f.getReason() : message;
            return new TransferFailure(
                    FailureReason.TARGET_PERMISSION,
                    "Unable to process data: cannot " + doing + " " + path + " as user "
                            + System.getProperty("user.name") + ": " + why
                            + ". The volume must be writable for UID 107; for block volumes the container runtime needs"
                            + " device_ownership_from_security_context",
                    e);
        }
        return new TransferFailure(
                FailureReason.TARGET_IO, "Unable to process data: cannot " + doing + " " + path + ": " + message, e);
    }
}
