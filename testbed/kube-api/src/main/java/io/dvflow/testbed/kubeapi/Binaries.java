package io.dvflow.testbed.kubeapi;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/** The directory with etcd, kube-apiserver and kubectl, as the environment names it. */
record Binaries(Path directory) {
    static final String DIRECTORY_VARIABLE = "DVFLOW_BIN";
    static final String REQUIRE_VARIABLE = "DVFLOW_REQUIRE_REAL";

    private static final String WAY_OUT =
            DIRECTORY_VARIABLE + "=$(testbed/testbed binaries etcd kube-apiserver kubectl)";

    /** Empty when the environment names no directory; an incomplete directory is an error, not an absence. */
    static Optional<Binaries> find(Map<String, String> environment) {
        String directory = environment.get(DIRECTORY_VARIABLE);
        if (directory == null || directory.isBlank()) {
            return Optional.empty();
        }
        Binaries binaries = new Binaries(Path.of(directory));
        binaries.path("etcd");
        binaries.path("kube-apiserver");
        binaries.path("kubectl");
        return Optional.of(binaries);
    }

    static boolean required(Map<String, String> environment) {
        return "1".equals(environment.get(REQUIRE_VARIABLE));
    }

    static String absenceMessage() {
        return "Needs a real API server: " + DIRECTORY_VARIABLE + " is not set. Run with " + WAY_OUT;
    }

    Path path(String name) {
        Path path = directory.resolve(name);
        if (!Files.isExecutable(path)) {
            throw new IllegalStateException("Looked for " + name + " in " + DIRECTORY_VARIABLE + "=" + directory
                    + " and found no such executable; run with " + WAY_OUT);
        }
        return path;
    }
}
