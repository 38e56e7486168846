package io.dvflow.dataplane;

import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;

/** How much memory a process takes. */
final class ResidentMemory {

    private ResidentMemory() {}

    /**
     * The most that the kernel saw, asked until the process is gone.
     *
     * @param atMost how long that may take
     * @return bytes
     */
    static long peakOf(Process process, Duration atMost) {
        Path status = Path.of("/proc", Long.toString(process.pid()), "status");
        AtomicLong peak = new AtomicLong();
        await().pollInterval(Duration.ofMillis(50))
                .atMost(atMost)
                .ignoreExceptionsInstanceOf(IOException.class)
                .until(() -> {
                    if (process.isAlive()) {
                        Files.readString(status)
                                .lines()
                                .filter(line -> line.startsWith("VmHWM:"))
                                .map(line -> line.replaceAll("\\D", ""))
                                .forEach(kib -> peak.set(Long.parseLong(kib) << 10));
                    }
                    return !process.isAlive();
                });
        return peak.get();
    }
}
