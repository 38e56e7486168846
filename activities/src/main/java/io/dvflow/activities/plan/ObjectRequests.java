package io.dvflow.activities.plan;

import io.dvflow.activities.Trouble;
import io.dvflow.api.DvflowAnnotations;
import io.dvflow.api.v1beta1.ContentType;
import io.dvflow.api.v1beta1.DataVolume;
import io.dvflow.transfer.ByteRate;
import io.dvflow.workflows.Intent;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.Map;
import java.util.Optional;

/** What the annotations of a DataVolume ask of its operation. Pure. */
final class ObjectRequests {

    private static final String INVALID = "InvalidAnnotation";

    private ObjectRequests() {}

    static Intent intent(ObjectMeta metadata) {
        Map<String, String> annotations = annotations(metadata);
        return new Intent(
                Long.parseLong(metadata.getResourceVersion()),
                "true".equals(annotations.get(DvflowAnnotations.PAUSED)),
                "true".equals(annotations.get(DvflowAnnotations.CANCELLED)),
                Optional.ofNullable(annotations.get(DvflowAnnotations.RETRY)),
                rateLimit(annotations));
    }

    /** @throws Trouble if an archive is to be verified: there is nothing that its files could be compared with in place */
    static void requireVerifiable(DataVolume object) {
        boolean asked = "true".equals(annotations(object.getMetadata()).get(DvflowAnnotations.VERIFY));
        if (asked && ContentType.of(object.getSpec().contentType()) == ContentType.ARCHIVE) {
            throw Trouble.needsChange(
                    INVALID,
                    "Annotation " + DvflowAnnotations.VERIFY
                            + " compares a disk with its image, and cannot compare the files"
                            + " of an archive: remove it, and give an http source a checksum instead");
        }
    }

    private static Optional<String> rateLimit(Map<String, String> annotations) {
        Optional<String> asked = Optional.ofNullable(annotations.get(DvflowAnnotations.RATE_LIMIT));
        asked.ifPresent(text -> {
            try {
                ByteRate.parse(text);
            } catch (IllegalArgumentException e) {
                throw invalid(DvflowAnnotations.RATE_LIMIT, text, "bytes per second such as 50Mi, or 0 for no limit");
            }
        });
        return asked;
    }

    static Optional<Integer> maxAttempts(ObjectMeta metadata) {
        return Optional.ofNullable(annotations(metadata).get(DvflowAnnotations.MAX_ATTEMPTS))
                .map(ObjectRequests::positive);
    }

    static Optional<Instant> deadline(ObjectMeta metadata) {
        return Optional.ofNullable(annotations(metadata).get(DvflowAnnotations.DEADLINE))
                .map(text -> instant(text, Instant.parse(metadata.getCreationTimestamp())));
    }

    private static int positive(String text) {
        try {
            int number = Integer.parseInt(text.strip());
            if (number > 0) {
                return number;
            }
        } catch (NumberFormatException e) {
            throw invalid(DvflowAnnotations.MAX_ATTEMPTS, text, "a whole number above 0");
        }
        throw invalid(DvflowAnnotations.MAX_ATTEMPTS, text, "a whole number above 0");
    }

    private static Instant instant(String text, Instant created) {
        String expected = "a duration from creation such as PT2H, or an instant such as 2026-01-31T12:00:00Z";
        try {
            return text.startsWith("P") ? created.plus(Duration.parse(text)) : Instant.parse(text);
        } catch (DateTimeParseException e) {
            throw invalid(DvflowAnnotations.DEADLINE, text, expected);
        }
    }

    private static Trouble invalid(String annotation, String found, String expected) {
        return Trouble.needsChange(INVALID, "Annotation " + annotation + " is \"" + found + "\", expected " + expected);
    }

    private static Map<String, String> annotations(ObjectMeta metadata) {
        return Optional.ofNullable(metadata.getAnnotations()).orElse(Map.of());
    }
}
