package io.dvflow.worker;

import io.dvflow.activities.transfer.TransferMeter;
import io.dvflow.transfer.PhaseTiming;
import io.dvflow.workflows.transfer.TransferReceipt;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;

/** Transfers as metrics: how many, how they ended and why, how much they moved, how long it took. */
final class TransferCounters implements TransferMeter {

    private final MeterRegistry registry;

    TransferCounters(MeterRegistry registry) {
        this.registry = registry;
    }

    @Override
    public void completed(String source, TransferReceipt receipt) {
        ended(source, "completed", "");
        bytes(source, "read").increment(receipt.fetchedBytes());
        bytes(source, "written").increment(receipt.writtenBytes());
        Timer.builder("dvflow_transfer")
                .description("How long the pods of completed transfers worked")
                .tag("source", source)
                .register(registry)
                .record(worked(receipt));
    }

    @Override
    public void failed(String source, String cause) {
        ended(source, "failed", cause);
    }

    private void ended(String source, String result, String reason) {
        Counter.builder("dvflow_transfers")
                .description("Transfer pods that ended, by result and reason")
                .tag("source", source)
                .tag("result", result)
                .tag("reason", reason)
                .register(registry)
                .increment();
    }

    private Counter bytes(String source, String direction) {
        return Counter.builder("dvflow_transfer_bytes")
                .description("Bytes that completed transfers read from sources and wrote to volumes")
                .tag("source", source)
                .tag("direction", direction)
                .register(registry);
    }

    private static Duration worked(TransferReceipt receipt) {
        return Duration.ofMillis(receipt.timeline().stream()
                .mapToLong(PhaseTiming::durationMillis)
                .sum());
    }
}
