package io.dvflow.dataplane;

import io.dvflow.transfer.TransferJson;
import io.dvflow.transfer.TransferOutcome;
import io.dvflow.transfer.TransferPlan;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;

/**
 * A process that carries out one plan after the other, a line of standard input each, and answers each with a line. It ends
 * with an error when one takes longer than {@link #MOST_SECONDS}.
 */
final class HostileRun {

    /** An image takes a fraction of one; the machine may have other things to do. */
    static final long MOST_SECONDS = 30;

    /** Argument of a process that gives up on servers as {@link Rig#impatient} does. */
    static final String IMPATIENT = "impatient";

    private static final Path SELF = Path.of("/proc/self");

    private HostileRun() {}

    /**
     * @param peakBytes the most memory that was resident meanwhile
     */
    record Answer(TransferOutcome outcome, long millis, long peakBytes) {}

    public static void main(String[] args) throws IOException {
        try (ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor();
                BufferedReader plans = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
            for (String plan = plans.readLine(); plan != null; plan = plans.readLine()) {
                ScheduledFuture<?> alarm =
                        clock.schedule(() -> Runtime.getRuntime().halt(3), MOST_SECONDS, TimeUnit.SECONDS);
                Rig rig = List.of(args).contains(IMPATIENT) ? Rig.impatient() : new Rig();
                System.out.println(TransferJson.write(carryOut(TransferJson.read(plan, TransferPlan.class), rig)));
                alarm.cancel(false);
            }
        }
    }

    private static Answer carryOut(TransferPlan plan, Rig rig) throws IOException {
        forgetPeakOfMemory();
        long began = System.nanoTime();
        TransferOutcome outcome = rig.run(plan);
        return new Answer(outcome, TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - began), peakOfMemory());
    }

    private static void forgetPeakOfMemory() throws IOException {
        Files.writeString(SELF.resolve("clear_refs"), "5");
    }

    private static long peakOfMemory() throws IOException {
        return Files.readAllLines(SELF.resolve("status")).stream()
                .filter(line -> line.startsWith("VmHWM:"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) << 10)
                .findFirst()
                .orElseThrow();
    }
}
