package io.dvflow.testbed.objects;

import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Assumptions;

/** A server of the testbed as a child process. It ends with this JVM at the latest. */
final class StoreProcess implements AutoCloseable {

    private static final Duration START_LIMIT = Duration.ofSeconds(30);

    private final String name;
    private final Path log;
    private final Process process;
    private final Thread endWithJvm;

    private StoreProcess(String name, Path log, Process process) {
        this.name = name;
        this.log = log;
        this.process = process;
        this.endWithJvm = new Thread(process::destroyForcibly, "end-" + name);
        Runtime.getRuntime().addShutdownHook(endWithJvm);
    }

    /**
     * Starts a program of {@code DVFLOW_BIN} and returns when it listens. Where that is not set, the test is skipped, or fails
     * if {@code DVFLOW_REQUIRE_REAL=1}.
     *
     * @param directory for its log
     */
    static StoreProcess start(String name, Path directory, InetSocketAddress address, List<String> arguments) {
        Path log = directory.resolve(name + ".log");
        try {
            Process process = new ProcessBuilder(
                            Stream.concat(Stream.of(program(name).toString()), arguments.stream())
                                    .toList())
                    .directory(directory.toFile())
                    .redirectErrorStream(true)
                    .redirectOutput(log.toFile())
                    .start();
            StoreProcess started = new StoreProcess(name, log, process);
            await(name).atMost(START_LIMIT).pollInterval(Duration.ofMillis(50)).until(() -> started.listens(address));
            return started;
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot start " + name, e);
        }
    }

    /** A port that was free just now. */
    static InetSocketAddress freePort(String host) {
        try (ServerSocket probe = new ServerSocket(0, 1, InetAddress.getByName(host))) {
            return new InetSocketAddress(host, probe.getLocalPort());
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot find a free port of " + host, e);
        }
    }

    @Override
    public void close() {
        process.destroy();
        try {
            if (!process.waitFor(10, TimeUnit.SECONDS)) {
                process.destroyForcibly().waitFor();
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
        Runtime.getRuntime().removeShutdownHook(endWithJvm);
    }

    private boolean listens(InetSocketAddress address) throws IOException {
        if (!process.isAlive()) {
            throw new IllegalStateException(
                    name + " ended with exit code " + process.exitValue() + ":\n" + Files.readString(log));
        }
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
