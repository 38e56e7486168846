package io.dvflow.e2e;

import io.dvflow.testbed.http.Resource;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Something that goes wrong with an import, and how a person gets to know.
 *
 * @param source YAML of the source
 * @param more YAML of further fields of the spec, indented by two
 * @param given what is wrong, before the object is applied
 * @param mend what makes it right; empty for what cannot be mended
 * @param served what is asked for, where that can be counted
 * @param words what a condition has to say
 */
record FailureCase(
        String name,
        String source,
        String volumeMode,
        long bytes,
        String storageClass,
        String more,
        Consumer<TestNamespace> given,
        Optional<Consumer<TestNamespace>> mend,
        Optional<Resource> served,
        List<String> words) {

    static final long DISK_BYTES = 16 << 20;

    static FailureCase of(String name, String source, String... words) {
        return new FailureCase(
                name,
                source,
                "Filesystem",
                DISK_BYTES,
                "csi-immediate",
                "",
                _ -> {},
                Optional.empty(),
                Optional.empty(),
                List.of(words));
    }

    String manifest() {
        return Manifests.of("disk", source, storageClass, volumeMode, bytes, Map.of()) + more;
    }

    boolean isSaidBy(String message) {
        return words.stream().allMatch(message::contains);
    }

    FailureCase given(Consumer<TestNamespace> wrong) {
        return new FailureCase(name, source, volumeMode, bytes, storageClass, more, wrong, mend, served, words);
    }

    FailureCase mendedBy(Consumer<TestNamespace> right) {
        return new FailureCase(
                name, source, volumeMode, bytes, storageClass, more, given, Optional.of(right), served, words);
    }

    FailureCase servedAt(Resource resource) {
        return new FailureCase(
                name, source, volumeMode, bytes, storageClass, more, given, mend, Optional.of(resource), words);
    }

    /** On a volume of this mode and size. */
    FailureCase into(String mode, long size) {
        return new FailureCase(name, source, mode, size, storageClass, more, given, mend, served, words);
    }

    FailureCase onClass(String other) {
        return new FailureCase(name, source, volumeMode, bytes, other, more, given, mend, served, words);
    }

    FailureCase spec(String... lines) {
        String yaml = String.join(
                "", Arrays.stream(lines).map(line -> "  " + line + "\n").toList());
        return new FailureCase(name, source, volumeMode, bytes, storageClass, yaml, given, mend, served, words);
    }

    @Override
    public String toString() {
        return name;
    }
}
