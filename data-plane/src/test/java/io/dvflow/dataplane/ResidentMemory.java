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
     * @param bytes resident at the same time, as the kernel saw it
     * @param threads at the same time, of those moments when it was asked
     */
    record Peak(long bytes, long threads) {}

    /**
     * The most bytes that the kernel saw, asked until the process is gone.
     *
     * @param atMost how long that may take
     */
    static long peakOf(Process process, Duration atMost) {
        return peakWithThreadsOf(process, atMost).bytes();
    }

    /** The same, with its threads. */
    static Peak peakWithThreadsOf(Process process, Duration atMost) {
        Path status = Path.of("/proc", Long.toString(process.pid()), "status");
        AtomicLong kib = new AtomicLong();
        AtomicLong threads = new AtomicLong();
        await().pollInterval(Duration.ofMillis(50))
                .atMost(atMost)
                .ignoreExceptionsInstanceOf(IOException.class)
                .until(() -> {
                    if (process.isAlive()) {
                        String now = Files.readString(status);
                        raise(kib, now, "VmHWM:");
                        raise(threads, now, "Threads:");
                    }
                    return !process.isAlive();
                });
        return new Peak(kib.get() << 10, threads.get());
    }

    private static void raise(AtomicLong most, String status, String name) {
        status.lines()
                .filter(line -> line.startsWith(name))
                .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
                .forEach(value -> most.accumulateAndGet(value, Math::max));
    }
}
