package io.dvflow.dataplane.source.vddk;

import io.dvflow.dataplane.report.Reporter;
import io.dvflow.dataplane.report.TransferFailure;
import io.dvflow.dataplane.source.nbd.NbdEndpoint;
import io.dvflow.dataplane.stop.StopSignal;
import io.dvflow.transfer.FailureReason;
import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/** nbdkit, started when it is needed and started again when it has died. Safe for use by many threads. */
final class NbdkitProcess implements NbdEndpoint, Closeable {

    private static final Duration LONGEST_START = Duration.ofSeconds(15);
    private static final Duration BETWEEN_LOOKS = Duration.ofMillis(20);
    private static final long SECONDS_TO_END = 3;
    /** Ends before it ever listened: what it complains of will not mend itself. */
    private static final int MOST_FAILED_STARTS = 3;

    private final Function<Path, List<String>> command;
    private final Path directory;
    private final NbdkitLog log;
    private final StopSignal stop;
    private final Reporter reporter;
    private Process process;
    private volatile Path socket;
    private int starts;
    private boolean hasListened;

    /**
     * @param command for a socket
     * @param log where its words go
     */
    NbdkitProcess(Function<Path, List<String>> command, NbdkitLog log, StopSignal stop, Reporter reporter) {
        this.command = command;
        this.log = log;
        this.stop = stop;
        this.reporter = reporter;
        try {
            this.directory = Files.createTempDirectory("nbdkit");
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot make a directory for the socket of nbdkit", e);
        }
        this.socket = directory.resolve("nbd-0.sock");
    }

    @Override
    public Path socket() {
        return socket;
    }

    @Override
    public synchronized void revive() {
        stop.check();
        if (process != null && process.isAlive()) {
            return;
        }
        if (process != null) {
            noteDeath();
        }
        start();
        awaitSocket();
    }

    @Override
    public String lastWords() {
        return log.lastWords();
    }

    @Override
    public synchronized void close() throws IOException {
        if (process != null) {
            process.destroy();
            try {
                if (!process.waitFor(SECONDS_TO_END, TimeUnit.SECONDS)) {
                    process.destroyForcibly();
                }
            } catch (InterruptedException e) {
                process.destroyForcibly();
                Thread.currentThread().interrupt();
            }
        }
        Files.deleteIfExists(socket);
        Files.deleteIfExists(directory);
    }

    private void noteDeath() {
        String how = "nbdkit ended with exit code " + process.exitValue();
        if (!hasListened && starts >= MOST_FAILED_STARTS) {
            throw new TransferFailure(
                    FailureReason.REFUSED_BY_SERVER,
                    "Unable to connect to vddk data source: " + how + " before it served the disk" + log.lastWords());
        }
        reporter.warning(how + "; starting it again");
    }

    /**
     * In a thread that lives as long as the process: the kernel takes the death of the thread that started a process for the
     * death of its parent, and nbdkit ends with that.
     */
    private void start() {
        starts++;
        CompletableFuture<Process> started = new CompletableFuture<>();
        try {
            Files.deleteIfExists(socket);
            socket = directory.resolve("nbd-" + starts + ".sock");
            ProcessBuilder builder = new ProcessBuilder(command.apply(socket))
                    .redirectInput(Path.of("/dev/null").toFile())
                    .redirectErrorStream(true);
            Thread.ofPlatform().daemon().name("nbdkit").start(() -> attend(builder, started));
            process = started.join();
        } catch (CompletionException | IOException e) {
            Throwable cause = e instanceof CompletionException ? e.getCause() : e;
            throw new TransferFailure(
                    FailureReason.BAD_PLAN,
                    "Unable to connect to vddk data source: cannot start nbdkit (" + cause.getMessage()
                            + "). Disks of VMware need the transfer image that has it",
                    cause);
        }
    }

    private void attend(ProcessBuilder builder, CompletableFuture<Process> started) {
        try {
            Process running = builder.start();
            started.complete(running);
            log.listen(running.inputReader());
            running.waitFor();
        } catch (IOException e) {
            started.completeExceptionally(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void awaitSocket() {
        long deadline = System.nanoTime() + LONGEST_START.toNanos();
        while (process.isAlive() && !Files.exists(socket) && System.nanoTime() < deadline) {
            stop.pause(BETWEEN_LOOKS);
        }
        hasListened |= Files.exists(socket);
    }
}
