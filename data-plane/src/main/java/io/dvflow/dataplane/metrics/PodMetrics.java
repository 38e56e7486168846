package io.dvflow.dataplane.metrics;

import io.dvflow.dataplane.report.Reporter;
import io.dvflow.transfer.TransferPhase;
import io.dvflow.transfer.TransferReport;
import io.dvflow.transfer.TransferReport.Progress;
import java.io.IOException;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Turns reports into metrics for those who scrape; nothing depends on them. They are served once bytes move: a start waits
 * for nothing that is not needed.
 */
public final class PodMetrics implements Consumer<TransferReport>, AutoCloseable {

    private final String ownerUid;
    private final int port;
    private final Reporter reporter;
    private volatile Progress latest = new Progress(TransferPhase.PROBE, 0, 0, 0, 0, 0, 0, -1);
    private volatile double percent;
    private boolean started;
    private Optional<MetricsServer> server = Optional.empty();

    /**
     * @param ownerUid of the object that the disk is for
     * @param port 0 for none
     * @param reporter hears why they cannot be served, if so
     */
    public PodMetrics(String ownerUid, int port, Reporter reporter) {
        this.ownerUid = ownerUid;
        this.port = port;
        this.reporter = reporter;
    }

    @Override
    public void accept(TransferReport report) {
        if (!(report instanceof Progress progress)) {
            return;
        }
        latest = progress;
        if (progress.phase() != TransferPhase.VERIFY) {
            percent = Math.max(percent, progress.percent());
        }
        if (!started && progress.phase() != TransferPhase.PROBE && port != 0) {
            started = true;
            serve();
        }
    }

    /** Nobody is answered any more. */
    @Override
    public void close() {
        try {
            if (server.isPresent()) {
                server.get().close();
            }
        } catch (IOException e) {
            reporter.warning("Cannot close the port of the metrics: " + e.getMessage());
        }
    }

    private void serve() {
        try {
            server = Optional.of(MetricsServer.start(port, this::page, reporter));
        } catch (IOException e) {
            reporter.warning("Cannot serve metrics on port " + port + ": " + e.getMessage());
        }
    }

    /** In Prometheus' text format. */
    String page() {
        Progress now = latest;
        var page = new StringBuilder();
        // CDI's name: a counter of percent.
        metric(page, "kubevirt_cdi_import_progress_total", "counter", "How far the import is, in percent", percent);
        metric(page, "dvflow_transfer_disk_bytes", "gauge", "Size of the disk, 0 while unknown", now.virtualBytes());
        metric(page, "dvflow_transfer_done_bytes", "gauge", "Bytes of the disk in place, holes too", now.doneBytes());
        metric(
                page,
                "dvflow_transfer_fetched_bytes_total",
                "counter",
                "Bytes read from the source by this pod",
                now.fetchedBytes());
        metric(
                page,
                "dvflow_transfer_written_bytes_total",
                "counter",
                "Bytes written to the volume by this pod",
                now.writtenBytes());
        metric(
                page,
                "dvflow_transfer_bytes_per_second",
                "gauge",
                "How fast the source was read of late",
                now.bytesPerSecond());
        return page.toString();
    }

    private void metric(StringBuilder page, String name, String type, String help, double value) {
        page.append("# HELP ").append(name).append(' ').append(help).append('\n');
        page.append("# TYPE ").append(name).append(' ').append(type).append('\n');
        page.append(name)
                .append("{ownerUID=\"")
                .append(ownerUid)
                .append("\"} ")
                .append(value)
                .append('\n');
    }
}
