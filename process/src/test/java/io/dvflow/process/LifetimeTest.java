package io.dvflow.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.Timeout.ThreadMode;

/** How processes end, seen from outside: real ones, with real signals. */
@Timeout(value = 60, threadMode = ThreadMode.SEPARATE_THREAD)
class LifetimeTest {

    private Process process;
    private BufferedReader output;

    @AfterEach
    void leaveNothingBehind() {
        process.destroyForcibly();
    }

    @Test
    void oneThatIsToldToEndDrainsAndEndsWithZero() throws Exception {
        start(Life.LIVES);
        awaitLine("living");

        tellToEnd();

        awaitLine("drained");
        assertThat(exitCode()).isZero();
    }

    @Test
    void oneThatIsToldWhileItStillStartsEndsWithZeroToo() throws Exception {
        start(Life.STARTS_FOR_EVER);
        awaitLine("starting");

        tellToEnd();

        awaitLine("drained");
        assertThat(exitCode()).isZero();
    }

    @Test
    void oneThatCannotGoOnDrainsAndEndsAsFailed() throws Exception {
        start(Life.FAILS);

        awaitLine("drained");
        assertThat(exitCode()).isEqualTo(Lifetime.FAILED);
    }

    @Test
    void failingWithALockThatDrainingNeedsIsNoDeadlock() throws Exception {
        start(Life.FAILS_LOCKED);

        awaitLine("drained");
        assertThat(exitCode()).isEqualTo(Lifetime.FAILED);
    }

    @Test
    void oneWhoseWorkThrowsDrainsAndEndsAsFailed() throws Exception {
        start(Life.THROWS);

        awaitLine("drained");
        assertThat(exitCode()).isEqualTo(Lifetime.FAILED);
    }

    @Test
    void oneThatCannotDrainEndsAsFailed() throws Exception {
        start(Life.CANNOT_DRAIN);
        awaitLine("living");

        tellToEnd();

        assertThat(exitCode()).isEqualTo(Lifetime.FAILED);
    }

    @Test
    void whatFailsWhileItEndsDoesNotMakeItAFailedOne() throws Exception {
        start(Life.FAILS_WHILE_DRAINING);
        awaitLine("living");

        tellToEnd();

        awaitLine("drained");
        assertThat(exitCode()).isZero();
    }

    private void start(Life life) throws IOException {
        process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        Program.class.getName(),
                        life.name())
                .redirectErrorStream(true)
                .start();
        output = process.inputReader();
    }

    /** As the kubelet does, and unlike {@link Process#destroy()}, which also closes the output. */
    private void tellToEnd() {
        process.toHandle().destroy();
    }

    private void awaitLine(String wanted) throws IOException {
        List<String> before = new ArrayList<>();
        for (String line = output.readLine(); line != null; line = output.readLine()) {
            if (wanted.equals(line)) {
                return;
            }
            before.add(line);
        }
        fail("No line \"" + wanted + "\" in\n" + String.join("\n", before));
    }

    private int exitCode() throws InterruptedException {
        assertThat(process.waitFor(30, TimeUnit.SECONDS)).as("has ended").isTrue();
        return process.exitValue();
    }

    /** What the program does. */
    private enum Life {
        LIVES,
        STARTS_FOR_EVER,
        FAILS,
        FAILS_LOCKED,
        THROWS,
        CANNOT_DRAIN,
        FAILS_WHILE_DRAINING
    }

    /** A program with a lifetime; what it prints is what the tests wait for. */
    @SuppressWarnings("SystemOut")
    static final class Program {

        private static final Object LOCK = new Object();

        public static void main(String[] arguments) throws InterruptedException {
            Life life = Life.valueOf(arguments[0]);
            Lifetime[] own = new Lifetime[1];
            own[0] = Lifetime.endedBy(() -> drain(life, own));
            own[0].live(() -> {
                switch (life) {
                    case LIVES, CANNOT_DRAIN, FAILS_WHILE_DRAINING -> System.out.println("living");
                    case STARTS_FOR_EVER -> {
                        System.out.println("starting");
                        Thread.sleep(Long.MAX_VALUE);
                    }
                    case FAILS -> own[0].fail();
                    case FAILS_LOCKED -> {
                        synchronized (LOCK) {
                            own[0].fail();
                        }
                    }
                    case THROWS -> throw new IllegalStateException("the port is taken");
                }
            });
        }

        private static void drain(Life life, Lifetime[] own) {
            switch (life) {
                case CANNOT_DRAIN -> throw new IllegalStateException("the door is stuck");
                case FAILS_WHILE_DRAINING -> own[0].fail();
                case FAILS_LOCKED -> {
                    synchronized (LOCK) {
                        System.out.println("locked");
                    }
                }
                default -> {}
            }
            System.out.println("drained");
        }
    }
}
