package io.dvflow.testbed.objects;

import static org.awaitility.Awaitility.await;

import io.dvflow.testbed.processes.ServerProcess;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Assumptions;

/** Starts servers of the testbed's binaries. */
final class StoreProcess {

    private static final Duration START_LIMIT = Duration.ofSeconds(60);

    private StoreProcess() {}

    /**
     * Starts a program of {@code DVFLOW_BIN} and returns when it listens. Where that is not set, the test is skipped, or fails
     * if {@code DVFLOW_REQUIRE_REAL=1}.
     *
     * @param directory for its log
     */
    static ServerProcess start(String name, Path directory, InetSocketAddress address, List<String> arguments) {
        try {
            ServerProcess started = ServerProcess.start(
                    name,
                    directory,
                    Stream.concat(Stream.of(program(name).toString()), arguments.stream())
                            .toList());
            await(name).atMost(START_LIMIT).pollInterval(Duration.ofMillis(50)).until(() -> {
                started.checkAlive();
                return listens(address);
            });
            return started;
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot start " + name, e);
        }
    }

    private static boolean listens(InetSocketAddress address) {
        try (Socket socket = new Socket()) {
            socket.connect(address, 1000);
            return true;
        } catch (IOException e) {
            // Not yet; the wait has an end.
            return false;
        }
    }

    private static Path program(String name) {
        String wayOut = "run with DVFLOW_BIN=$(testbed/testbed binaries " + name + ")";
        String directory = System.getenv("DVFLOW_BIN");
        if (directory == null || directory.isBlank()) {
            if ("1".equals(System.getenv("DVFLOW_REQUIRE_REAL"))) {
                Assertions.fail("Needs a real server and DVFLOW_BIN is not set: " + wayOut);
            }
            Assumptions.abort("Needs a real server and DVFLOW_BIN is not set: " + wayOut);
        }
        Path program = Path.of(directory, name);
        if (!Files.isExecutable(program)) {
            throw new IllegalStateException("There is no " + program + "; " + wayOut);
        }
        return program;
    }
}
