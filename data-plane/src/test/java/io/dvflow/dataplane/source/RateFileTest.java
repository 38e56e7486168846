package io.dvflow.dataplane.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.dvflow.dataplane.report.Reporter;
import io.dvflow.transfer.ByteRate;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.Set;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RateFileTest {

    private static final Set<Thread.State> HELD_OR_DONE = EnumSet.of(Thread.State.BLOCKED, Thread.State.TERMINATED);

    @TempDir
    Path directory;

    @Test
    void nobodyReadsWithoutLimitWhileTheFileIsStillBeingRead() throws Exception {
        Path pipe = directory.resolve("rate-limit");
        assertThat(new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor())
                .isZero();
        RateFile rate = new RateFile(pipe, new Reporter(report -> {}));
        FutureTask<ByteRate> first = new FutureTask<>(rate::get);
        FutureTask<ByteRate> second = new FutureTask<>(rate::get);

        Thread.ofPlatform().start(first);
        // Waits until the first has opened the other end, and so is about to read.
        try (OutputStream content = Files.newOutputStream(pipe)) {
            Thread late = Thread.ofPlatform().start(second);
            await().until(() -> HELD_OR_DONE.contains(late.getState()));
            content.write("1Mi".getBytes(StandardCharsets.UTF_8));
        }

        assertThat(first.get()).isEqualTo(ByteRate.parse("1Mi"));
        assertThat(second.get()).isEqualTo(ByteRate.parse("1Mi"));
    }
}
