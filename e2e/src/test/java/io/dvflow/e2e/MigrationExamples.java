package io.dvflow.e2e;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/** The example manifests for disks of oVirt and VMware, and parts of them. */
final class MigrationExamples {

    static final Path DIRECTORY = Path.of(System.getProperty("basedir", "."), "../docs/examples/migration");
    static final String FROM_OVIRT = "import-imageio-datavolume.yaml";
    static final String FROM_VMWARE = "import-vddk-datavolume.yaml";
    static final String WARM_FROM_OVIRT = "import-imageio-checkpoints-datavolume.yaml";
    static final String WARM_FROM_VMWARE = "import-vddk-checkpoints-datavolume.yaml";
    static final String WITH_ARGUMENTS_BY_ANNOTATION = "vddk-args-annotation.yaml";
    static final String WITH_ARGUMENTS_BY_FIELD = "vddk-args-field.yaml";
    static final String ARGUMENTS = "vddk-args-configmap.yaml";
    static final String EVERYBODYS_LIBRARY = "vddk-configmap.yaml";

    private MigrationExamples() {}

    static String read(String example) {
        try {
            return Files.readString(DIRECTORY.resolve(example));
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot read the example " + example, e);
        }
    }

    /** The objects that the examples after the first do not repeat. */
    static String withoutDataVolume(String manifest) {
        return documents(manifest, document -> !document.contains("kind: DataVolume"));
    }

    static String onlyDataVolume(String manifest) {
        return documents(manifest, document -> document.contains("kind: DataVolume"));
    }

    /** What stands below {@code source:}. */
    static String sourceOf(String manifest) {
        String below = onlyDataVolume(manifest).split("\n  source:\n")[1];
        return below.substring(0, below.indexOf("\n  storage:")).strip();
    }

    private static String documents(String manifest, Predicate<String> which) {
        return Arrays.stream(manifest.split("(?m)^---$")).filter(which).collect(Collectors.joining("---"));
    }
}
