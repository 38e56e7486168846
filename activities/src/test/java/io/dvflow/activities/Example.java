package io.dvflow.activities;

import io.dvflow.api.v1beta1.DataVolume;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

/** DataVolumes as the documentation shows them. */
public final class Example {

    private static final Path DIRECTORY = Path.of("../docs/examples");

    private Example() {}

    /** The DataVolume of a manifest, as the API server would store it. */
    public static DataVolume dataVolume(String manifest) {
        try {
            String yaml = Arrays.stream(
                            Files.readString(DIRECTORY.resolve(manifest)).split("(?m)^---$"))
                    .filter(document -> document.contains("kind: DataVolume"))
                    .findFirst()
                    .orElseThrow();
            DataVolume object = Given.yaml(yaml, DataVolume.class);
            object.getMetadata().setNamespace("vms");
            object.getMetadata().setUid(Given.UID);
            object.getMetadata().setResourceVersion("7");
            object.getMetadata().setCreationTimestamp("2026-01-01T00:00:00Z");
            return object;
        } catch (IOException e) {
            throw new UncheckedIOException("Reading example " + manifest, e);
        }
    }
}
