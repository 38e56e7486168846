package io.dvflow.dataplane;

import io.dvflow.dataplane.report.Reporter;
import io.dvflow.dataplane.source.http.HttpSettings;
import io.dvflow.dataplane.stop.StopSignal;
import io.dvflow.transfer.ResumeMap;
import io.dvflow.transfer.TransferOutcome;
import io.dvflow.transfer.TransferPlan;
import io.dvflow.transfer.TransferReport;
import io.dvflow.transfer.TransferSource;
import io.dvflow.transfer.TransferTarget;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;

/** Runs one transfer inside the JVM of the test, and keeps what it says. */
final class Rig {

    /** As patient as the program with a server that is slow, which on a busy machine every server is; quick to try again. */
    private static final HttpSettings USUAL = new HttpSettings(
            Duration.ofSeconds(10),
            Duration.ofSeconds(30),
            Duration.ofSeconds(30),
            4,
            Duration.ofMillis(20),
            Duration.ofMillis(500));
    /** So that a test of giving up is quick. */
    private static final HttpSettings IMPATIENT = new HttpSettings(
            Duration.ofSeconds(2),
            Duration.ofMillis(900),
            Duration.ofSeconds(2),
            4,
            Duration.ofMillis(20),
            Duration.ofMillis(500));

    final List<TransferReport> reports = new CopyOnWriteArrayList<>();
    final StopSignal stop = new StopSignal();
    TransferSettings settings = new TransferSettings(4, USUAL, Map.of());
    /** Hears every report at once, on the thread of whoever makes it. */
    Consumer<TransferReport> listener = report -> {};

    /** Gives up on a server that is silent for a second. */
    static Rig impatient() {
        return new Rig().with(s -> new TransferSettings(s.connections(), IMPATIENT, s.environment(), s.marks()));
    }

    /** The outcome, whatever it is. */
    TransferOutcome run(TransferPlan plan) {
        Reporter reporter = new Reporter(report -> {
            reports.add(report);
            listener.accept(report);
        });
        return new Transfer(plan, settings, reporter, stop).run();
    }

    /** The outcome of a transfer that must end well. */
    TransferOutcome.Complete complete(TransferPlan plan) {
        TransferOutcome outcome = run(plan);
        if (outcome instanceof TransferOutcome.Complete complete) {
            return complete;
        }
        throw new AssertionError("Expected a complete transfer, found " + outcome + "\n" + reports);
    }

    /** The outcome of a transfer that must not end well. */
    TransferOutcome.Failed failed(TransferPlan plan) {
        TransferOutcome outcome = run(plan);
        if (outcome instanceof TransferOutcome.Failed failed) {
            return failed;
        }
        throw new AssertionError("Expected a failed transfer, found " + outcome + "\n" + reports);
    }

    List<ResumeMap> durableMaps() {
        return reports.stream()
                .filter(TransferReport.Durable.class::isInstance)
                .map(report -> ((TransferReport.Durable) report).map())
                .toList();
    }

    /** Bytes that the newest map calls durable. */
    long durableBytes() {
        List<ResumeMap> maps = durableMaps();
        return maps.isEmpty() ? 0 : maps.getLast().finishedBytes();
    }

    List<String> notes() {
        return reports.stream()
                .filter(TransferReport.Note.class::isInstance)
                .map(report -> ((TransferReport.Note) report).text())
                .toList();
    }

    static TransferPlan plan(String url, TransferTarget target, long requestedBytes) {
        return plan(http(url), target, requestedBytes);
    }

    static TransferPlan plan(TransferSource source, TransferTarget target, long requestedBytes) {
        return new TransferPlan(
                "uid-1",
                1,
                source,
                target,
                TransferPlan.ContentType.KUBEVIRT,
                requestedBytes,
                0.06,
                false,
                Optional.empty(),
                false,
                Optional.empty());
    }

    static TransferPlan resuming(TransferPlan plan, ResumeMap map) {
        return plan.resumingFrom(map);
    }

    static TransferPlan preallocating(TransferPlan plan) {
        return new TransferPlan(
                plan.operationId(),
                plan.attempt(),
                plan.source(),
                plan.target(),
                plan.contentType(),
                plan.requestedBytes(),
                plan.filesystemOverhead(),
                true,
                plan.scratchDirectory(),
                plan.verify(),
                plan.resumeFrom());
    }

    static TransferPlan verifying(TransferPlan plan) {
        return new TransferPlan(
                plan.operationId(),
                plan.attempt(),
                plan.source(),
                plan.target(),
                plan.contentType(),
                plan.requestedBytes(),
                plan.filesystemOverhead(),
                plan.preallocate(),
                plan.scratchDirectory(),
                true,
                plan.resumeFrom());
    }

    /** The same for an archive. */
    static TransferPlan unpacking(TransferPlan plan) {
        return new TransferPlan(
                plan.operationId(),
                plan.attempt(),
                plan.source(),
                plan.target(),
                TransferPlan.ContentType.ARCHIVE,
                plan.requestedBytes(),
                plan.filesystemOverhead(),
                plan.preallocate(),
                plan.scratchDirectory(),
                plan.verify(),
                plan.resumeFrom());
    }

    static TransferPlan withScratch(TransferPlan plan, Path directory) {
        return new TransferPlan(
                plan.operationId(),
                plan.attempt(),
                plan.source(),
                plan.target(),
                plan.contentType(),
                plan.requestedBytes(),
                plan.filesystemOverhead(),
                plan.preallocate(),
                Optional.of(directory.toString()),
                plan.verify(),
                plan.resumeFrom());
    }

    static TransferSource.Http http(String url) {
        return new TransferSource.Http(
                url, Optional.empty(), Optional.empty(), List.of(), List.of(), Optional.empty(), true, List.of());
    }

    static TransferSource.Http checked(String url, String checksum) {
        return new TransferSource.Http(
                url, Optional.empty(), Optional.empty(), List.of(), List.of(), Optional.of(checksum), true, List.of());
    }

    static TransferTarget file(Path directory) {
        return new TransferTarget.DiskFile(directory.toString());
    }

    static TransferTarget block(LoopDevice device) {
        return new TransferTarget.BlockDevice(device.path().toString());
    }

    Rig with(UnaryOperator<TransferSettings> change) {
        settings = change.apply(settings);
        return this;
    }
}
