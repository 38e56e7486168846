package io.dvflow.dataplane.source.registry;

import io.dvflow.dataplane.report.TransferFailure;
import io.dvflow.transfer.FailureReason;
import java.util.Map;
import java.util.Optional;

/**
 * How a manifest points to content.
 *
 * @param mediaType empty if it is not said
 * @param digest as it is written; see {@link #contentDigest}
 * @param size bytes
 * @param platform in an index: what the image is for
 */
record Descriptor(String mediaType, String digest, long size, Platform platform, Map<String, String> annotations) {

    /** Names are Go's: {@code linux}, {@code amd64}, {@code v8}. */
    record Platform(String os, String architecture, String variant) {
        @Override
        public String toString() {
            return os + "/" + architecture + (variant == null || variant.isEmpty() ? "" : "/" + variant);
        }
    }

    Descriptor {
        mediaType = mediaType == null ? "" : mediaType;
        annotations = annotations == null ? Map.of() : annotations;
    }

    ContentDigest contentDigest() {
        return ContentDigest.parse(digest, "a manifest");
    }

    Optional<String> annotation(String name) {
        return Optional.ofNullable(annotations.get(name));
    }

    /** @throws TransferFailure unless the size is one that a document can have */
    void requireDocument(String what) {
        if (size < 0 || size > ImageStore.LARGEST_DOCUMENT) {
            throw new TransferFailure(
                    FailureReason.HOSTILE_IMAGE,
                    "Unable to process data: the " + what + " " + contentDigest() + " is said to have " + size
                            + " bytes; at most " + ImageStore.LARGEST_DOCUMENT + " are read");
        }
    }

    /** @throws TransferFailure unless this is the content that is meant */
    void requireContent(byte[] content, String what) {
        requireSize(content.length, what);
        contentDigest().check(content, "the " + what);
    }

    /** @throws TransferFailure unless the content has the size it was said to have */
    void requireSize(long found, String what) {
        if (found != size) {
            throw new TransferFailure(
                    FailureReason.DIGEST_MISMATCH,
                    "Unable to process data: the " + what + " " + contentDigest() + " has " + found
                            + " bytes, and its manifest says " + size + ". Push the image again");
        }
    }
}
