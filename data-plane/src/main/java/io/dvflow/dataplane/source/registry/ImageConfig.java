package io.dvflow.dataplane.source.registry;

import com.google.gson.annotations.SerializedName;
import io.dvflow.dataplane.report.Shown;
import io.dvflow.dataplane.report.TransferFailure;
import io.dvflow.transfer.FailureReason;
import io.dvflow.transfer.TransferJson;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What an image says about itself.
 *
 * @param architecture as Go names it; empty if it does not say
 * @param environment {@code NAME=value}
 */
record ImageConfig(String architecture, List<String> environment, Map<String, String> labels) {

    /** As CDI: an operating system to be installed, not a disk. */
    private static final List<String> BOOTABLE = List.of("containers.bootc", "ostree.bootable");

    private record Document(String architecture, Config config) {
        private record Config(
                @SerializedName("Env") List<String> env,
                @SerializedName("Labels") Map<String, String> labels) {}
    }

    static ImageConfig read(ImageStore store, Descriptor descriptor) {
        String json = new String(store.configuration(descriptor), StandardCharsets.UTF_8);
        try {
            Document document = TransferJson.read(json, Document.class);
            Optional<Document.Config> config = Optional.ofNullable(document.config());
            return new ImageConfig(
                    document.architecture() == null ? "" : document.architecture(),
                    config.map(Document.Config::env).orElse(List.of()),
                    config.map(Document.Config::labels).orElse(Map.of()));
        } catch (IllegalArgumentException e) {
            throw new TransferFailure(
                    FailureReason.CORRUPT_IMAGE,
                    "Unable to process data: failed to pull image: " + store
                            + ": expected the JSON of an image configuration, found '" + Shown.text(json) + "'",
                    e);
        }
    }

    /**
     * @param wanted the architecture that was asked for, if one was
     * @throws TransferFailure if this image is not to be imported
     */
    void check(ImageStore store, Optional<String> wanted) {
        for (String label : BOOTABLE) {
            if ("1".equals(labels.get(label))) {
                throw new TransferFailure(
                        FailureReason.UNSUPPORTED_FORMAT,
                        "Unable to process data: bootc image detected: " + store + " has the label " + label
                                + "=1, so it is a bootable operating system (ostree) and holds no disk; making a disk of"
                                + " one is not supported. Build a disk from it (bootc-image-builder) and push that");
            }
        }
        if (wanted.isPresent() && !wanted.get().equals(architecture)) {
            throw new TransferFailure(
                    FailureReason.NOT_FOUND,
                    "Unable to process data: Error validating architecture: manifest image architecture: \""
                            + Shown.text(architecture) + "\" doesn't match requested architecture: \"" + wanted.get()
                            + "\" (" + store + ")");
        }
    }
}
