package io.dvflow.bridge;

import io.dvflow.temporal.TemporalConnection;
import io.dvflow.testbed.processes.FreePort;
import io.temporal.testing.TemporalDevServer;
import io.temporal.testing.TemporalDevServerOptions;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/** A real Temporal server that can go away and come back with what it knew, or without. */
final class TemporalForTests implements AutoCloseable {

    private final Path binary;
    private final Path directory;
    private final int port;
    private TemporalDevServer server;
    private int lives;

    private TemporalForTests(Path binary, Path directory, int port) {
        this.binary = binary;
        this.directory = directory;
        this.port = port;
    }

    /** @param binaries the directory that {@code DVFLOW_BIN} names */
    static TemporalForTests start(String binaries) {
        try {
            var temporal = new TemporalForTests(
                    Path.of(binaries, "temporal"), Files.createTempDirectory("dvflow-temporal-"), FreePort.next());
            temporal.startAnew();
            return temporal;
        } catch (IOException e) {
            throw new UncheckedIOException("Preparing a Temporal server from " + binaries, e);
        }
    }

    /** Starts without anything it knew before. */
    void startAnew() {
        lives++;
        startAgain();
    }

    /** Starts with all it knew before. */
    void startAgain() {
        server = TemporalDevServer.start(
                "default",
                TemporalDevServerOptions.newBuilder()
                        .setExistingPath(binary.toString())
                        .setDownloadEnabled(false)
                        .setPort(port)
                        .setUiEnabled(false)
                        .setDatabaseFilename(
                                directory.resolve("life-" + lives + ".db").toString())
                        .setLogFile(directory.resolve("temporal.log").toString())
                        .build());
    }

    void stop() {
        server.close();
        server = null;
    }

    TemporalConnection connect(String identity) {
        return TemporalConnection.open(Map.of("TEMPORAL_ADDRESS", "127.0.0.1:" + port), identity);
    }

    @Override
    public void close() {
        if (server != null) {
            server.close();
        }
        try (var files = Files.list(directory)) {
            for (Path file : files.toList()) {
                Files.delete(file);
            }
            Files.delete(directory);
        } catch (IOException e) {
            throw new UncheckedIOException("Removing " + directory, e);
        }
    }
}
