package io.dvflow.activities;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Compares objects with files that a person has read. {@code DVFLOW_UPDATE_GOLDEN=1} writes them anew. */
public final class Golden {

    private static final Path DIRECTORY = Path.of("src/test/resources/golden");

    private Golden() {}

    public static void matches(String name, Object value) {
        Path file = DIRECTORY.resolve(name + ".yaml");
        String found = Given.asYaml(value);
        try {
            if ("1".equals(System.getenv("DVFLOW_UPDATE_GOLDEN"))) {
                Files.writeString(file, found);
            }
            assertThat(found).as(file.toString()).isEqualTo(Files.readString(file));
        } catch (IOException e) {
            throw new UncheckedIOException("Reading " + file, e);
        }
    }
}
