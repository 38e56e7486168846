package io.dvflow.dataplane;

import static io.dvflow.testbed.objects.S3Server.ACCESS_KEY;
import static io.dvflow.testbed.objects.S3Server.SECRET_KEY;
import static org.assertj.core.api.Assertions.assertThat;

import io.dvflow.dataplane.ContainerImage.Packing;
import io.dvflow.dataplane.tar.TestTar;
import io.dvflow.testbed.hypervisors.ImageIoDaemon;
import io.dvflow.testbed.objects.GcsServer;
import io.dvflow.testbed.objects.S3Server;
import io.dvflow.transfer.FailureReason;
import io.dvflow.transfer.TransferOutcome.Complete;
import io.dvflow.transfer.TransferOutcome.Failed;
import io.dvflow.transfer.TransferPhase;
import io.dvflow.transfer.TransferPlan;
import io.dvflow.transfer.TransferReport;
import io.dvflow.transfer.TransferSource;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What holds for a disk wherever it comes from: its figures are told, and what is asked to be verified is read back. */
class EverySourceTest {

    private static final long MIB = 1 << 20;
    private static final long SIZE = 64 * MIB;
    private static final long DAMAGED = 24 * MIB + 777;

    /** Sources other than web servers. */
    enum Kind {
        S3,
        GCS,
        REGISTRY,
        OVIRT,
        VMWARE
    }

    /** A disk at its source, and a rig that can read it. */
    private record Served(Rig rig, TransferPlan plan, Path image, Path raw) {}

    @TempDir
    Path directory;

    private final Deque<AutoCloseable> servers = new ArrayDeque<>();

    @AfterEach
    void stop() throws Exception {
        while (!servers.isEmpty()) {
            servers.pop().close();
        }
    }

    @ParameterizedTest
    @EnumSource
    void whatIsFetchedAndWrittenIsTold(Kind kind) throws IOException {
        Served disk = serve(kind);

        Complete complete = disk.rig.complete(disk.plan);

        TransferReport.Progress last = progress(disk.rig, TransferPhase.COPY).getLast();
        assertThat(last.virtualBytes()).isEqualTo(SIZE);
        assertThat(last.doneBytes()).isEqualTo(SIZE);
        assertThat(last.fetchedBytes()).isPositive().isLessThanOrEqualTo(complete.fetchedBytes());
        assertThat(last.writtenBytes()).isPositive().isLessThanOrEqualTo(complete.writtenBytes());
        assertThat(last.writtenBytes() + last.skippedBytes()).isGreaterThanOrEqualTo(SIZE);
    }

    @ParameterizedTest
    @EnumSource
    void aDiskThatIsVerifiedIsReadTwiceAndWrittenOnce(Kind kind) throws IOException {
        Served disk = serve(kind);

        Complete complete = disk.rig.complete(Rig.verifying(disk.plan));

        long fetchedOnce = progress(disk.rig, TransferPhase.VERIFY).getFirst().fetchedBytes();
        assertThat(complete.fetchedBytes()).isGreaterThan(fetchedOnce * 3 / 2);
        assertThat(complete.writtenBytes()).isLessThanOrEqualTo(SIZE);
        assertThat(complete.timeline()).anyMatch(timing -> timing.phase() == TransferPhase.VERIFY);
        Disks.assertHolds(disk.image, SIZE, disk.raw);
    }

    @ParameterizedTest
    @EnumSource
    void aByteThatIsNotAsWrittenIsFoundAndTheDiskMadeAnew(Kind kind) throws IOException {
        Served disk = serve(kind);
        AtomicBoolean damaged = new AtomicBoolean();
        // The first report of the phase is made before anything is read back.
        disk.rig.listener = report -> {
            if (isOf(report, TransferPhase.VERIFY) && damaged.compareAndSet(false, true)) {
                damage(disk.image);
            }
        };

        Failed failed = disk.rig.failed(Rig.verifying(disk.plan));

        assertThat(failed.reason()).isEqualTo(FailureReason.VERIFY_FAILED);
        assertThat(failed.message()).contains("verification failed: at byte " + DAMAGED);
        assertThat(disk.image.getParent()).isEmptyDirectory();
        disk.rig.complete(Rig.verifying(disk.plan));
        Disks.assertHolds(disk.image, SIZE, disk.raw);
    }

    private Served serve(Kind kind) throws IOException {
        return switch (kind) {
            case S3 -> s3();
            case GCS -> gcs();
            case REGISTRY -> registry();
            case OVIRT -> ovirt();
            case VMWARE -> vmware();
        };
    }

    private Served s3() throws IOException {
        S3Server server = opened(S3Server.start(directory, "eu-west-1"));
        Path raw = raw();
        server.put("images", "disk", raw);
        Path keys = S3Rig.secret(directory, Map.of("accessKeyId", ACCESS_KEY, "secretKey", SECRET_KEY));
        return served(new Rig(), S3Rig.source(server.endpoint() + "/images/disk", keys), raw);
    }

    private Served gcs() throws IOException {
        GcsServer server = opened(GcsServer.startOn("127.0.0.1", directory));
        Path raw = raw();
        server.createBucket("images");
        server.put("images", "disk", raw);
        return served(
                new Rig(), new TransferSource.Gcs(server.endpoint() + "/images/disk", Optional.empty(), false), raw);
    }

    private Served registry() throws IOException {
        FaultRegistry registry = opened(new FaultRegistry());
        Path raw = raw();
        byte[] layer =
                new TestTar().file("disk/disk.img", Files.readAllBytes(raw)).end();
        registry.push(new ContainerImage().layer(layer, Packing.GZIP), "v1");
        return served(new Rig(), registry.source("v1"), raw);
    }

    private Served ovirt() throws IOException {
        ImageIoDaemon daemon = opened(ImageIoDaemon.start(directory));
        OvirtDisk ovirt = opened(new OvirtDisk(daemon, directory));
        return new Served(new Rig(), ovirt.plan(), ovirt.volume.resolve("disk.img"), ovirt.raw);
    }

    private Served vmware() throws IOException {
        VddkDisk vmware = opened(new VddkDisk(directory));
        Rig rig = VddkDisk.rig(vmware.nbdkit(vmware.raw, ""), 2);
        return new Served(rig, vmware.plan(Optional.empty()), vmware.volume.resolve("disk.img"), vmware.raw);
    }

    private Served served(Rig rig, TransferSource source, Path raw) throws IOException {
        Path volume = Files.createDirectory(directory.resolve("volume"));
        return new Served(rig, Rig.plan(source, Rig.file(volume), SIZE), volume.resolve("disk.img"), raw);
    }

    private Path raw() throws IOException {
        return TestImages.raw(directory.resolve("disk.raw"), SIZE, 91);
    }

    private <T extends AutoCloseable> T opened(T server) {
        servers.push(server);
        return server;
    }

    private static List<TransferReport.Progress> progress(Rig rig, TransferPhase phase) {
        return rig.reports.stream()
                .filter(report -> isOf(report, phase))
                .map(TransferReport.Progress.class::cast)
                .toList();
    }

    private static boolean isOf(TransferReport report, TransferPhase phase) {
        return report instanceof TransferReport.Progress progress && progress.phase() == phase;
    }

    private static void damage(Path disk) {
        try (RandomAccessFile file = new RandomAccessFile(disk.toFile(), "rw")) {
            file.seek(DAMAGED);
            byte was = file.readByte();
            file.seek(DAMAGED);
            file.write(~was);
            file.getFD().sync();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
