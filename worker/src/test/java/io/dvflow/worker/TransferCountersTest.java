package io.dvflow.worker;

import static org.assertj.core.api.Assertions.assertThat;

import io.dvflow.process.HealthServer;
import io.dvflow.transfer.PhaseTiming;
import io.dvflow.transfer.TransferPhase;
import io.dvflow.workflows.transfer.TransferReceipt;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class TransferCountersTest {

    @Test
    void countsHowTransfersEndAndWhatTheyMoved() {
        var registry = HealthServer.newRegistry();
        var counters = new TransferCounters(registry);
        var timeline = List.of(
                new PhaseTiming(TransferPhase.PROBE, Instant.EPOCH, 500, 0),
                new PhaseTiming(TransferPhase.COPY, Instant.EPOCH, 1500, 200));

        counters.failed("http", "SERVER_ERROR");
        counters.completed("http", new TransferReceipt("Import Complete", "raw", 300, 100, 200, false, 1, timeline));
        counters.completed("http", new TransferReceipt("Import Complete", "raw", 300, 100, 200, false, 0, timeline));

        assertThat(registry.scrape().lines())
                .contains(
                        "dvflow_transfers_total{reason=\"SERVER_ERROR\",result=\"failed\",source=\"http\"} 1.0",
                        "dvflow_transfers_total{reason=\"\",result=\"completed\",source=\"http\"} 2.0",
                        "dvflow_transfer_bytes_total{direction=\"read\",source=\"http\"} 200.0",
                        "dvflow_transfer_bytes_total{direction=\"written\",source=\"http\"} 400.0",
                        "dvflow_transfer_seconds_count{source=\"http\"} 2",
                        "dvflow_transfer_seconds_sum{source=\"http\"} 4.0");
    }
}
