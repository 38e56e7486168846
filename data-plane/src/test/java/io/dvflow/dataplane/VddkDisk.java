package io.dvflow.dataplane;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.dvflow.dataplane.source.http.HttpSettings;
import io.dvflow.testbed.hypervisors.StandInVSphere;
import io.dvflow.testbed.hypervisors.StandInVSphere.Area;
import io.dvflow.transfer.Checkpoint;
import io.dvflow.transfer.ResumeMap;
import io.dvflow.transfer.TransferOutcome;
import io.dvflow.transfer.TransferPlan;
import io.dvflow.transfer.TransferReport;
import io.dvflow.transfer.TransferSource;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;

/** A disk of VMware behind stand-ins of vSphere and of the library, and a volume to bring it to. */
final class VddkDisk implements AutoCloseable {

    static final long MIB = 1 << 20;

    static final long SIZE = 64 * MIB;

    static final String THUMBPRINT = "AA:BB:CC";

    static final Duration PATIENCE = Duration.ofSeconds(60);

    /** 4 MB at once and then 2 MB/s, until the test has done what it wants to do meanwhile. */
    static final String SLOW = "--filter=rate rate=16M";

    /** A slow one answers a large request after seconds. */
    private static final HttpSettings PATIENT = new HttpSettings(
            Duration.ofSeconds(2),
            Duration.ofSeconds(20),
            Duration.ofSeconds(20),
            4,
            Duration.ofMillis(200),
            Duration.ofMillis(500));

    /** Begins where no block does. */
    static final Area LONG_HOLE = new Area(11 * MIB + 512, 40 * MIB);

    final StandInVSphere vsphere;
    final Path directory;
    final Path volume;
    final Path login;
    /** What the host serves. */
    final Path raw;
    /** Of the second snapshot, once {@link #changedDisk} has been asked for. */
    List<Area> changed = List.of();

    VddkDisk(Path directory) throws IOException {
        this.directory = directory;
        vsphere = StandInVSphere.start();
        vsphere.capacity = SIZE;
        raw = TestImages.raw(directory.resolve("disk.raw"), SIZE, 8);
        volume = Files.createDirectory(directory.resolve("volume"));
        login = Files.createDirectory(directory.resolve("login"));
        Files.writeString(login.resolve("accessKeyId"), StandInVSphere.USER);
        Files.writeString(login.resolve("secretKey"), StandInVSphere.PASSWORD);
    }

    @Override
    public void close() {
        vsphere.close();
    }

    /** The disk as the second snapshot has it: eleven ragged changes, one of them to zeros. */
    Path changedDisk() throws IOException {
        Path later = directory.resolve("changed.raw");
        Files.copy(raw, later);
        List<Area> areas = new ArrayList<>();
        Random random = new Random(3);
        try (RandomAccessFile disk = new RandomAccessFile(later.toFile(), "rw")) {
            for (int i = 0; i < 11; i++) {
                long at = 512L + i * 5L * MIB;
                byte[] bytes = new byte[512 * (1 + random.nextInt(300))];
                if (i != 6) {
                    random.nextBytes(bytes);
                }
                disk.seek(at);
                disk.write(bytes);
                areas.add(new Area(at, bytes.length));
            }
        }
        vsphere.changes(2, areas);
        changed = areas;
        return later;
    }

    /** A disk full of data but for a hole of 40 MiB, longer than what CDI's way of writing zeros gets right. */
    Path withLongHole() throws IOException {
        Path disk = directory.resolve("long-hole.raw");
        TestImages.random(disk, SIZE, 22);
        Shell.run("fallocate", "--punch-hole", "--offset", LONG_HOLE.start(), "--length", LONG_HOLE.length(), disk);
        return disk;
    }

    Path dense() throws IOException {
        TestImages.random(raw, SIZE, 21);
        return raw;
    }

    Nbdkit nbdkit(Path disk, String more) throws IOException {
        return Nbdkit.standIn(directory, disk, StandInVSphere.PASSWORD, more);
    }

    static Rig rig(Nbdkit nbdkit, int connections) {
        return new Rig()
                .with(s -> new TransferSettings(connections, PATIENT, Map.of("DVFLOW_NBDKIT", nbdkit.program())));
    }

    static Optional<Checkpoint> stage(String current, String previous) {
        return Optional.of(new Checkpoint(current, Optional.ofNullable(previous)));
    }

    TransferPlan plan(Optional<Checkpoint> checkpoint) {
        return Rig.plan(source(checkpoint), Rig.file(volume), SIZE);
    }

    TransferSource.Vddk at(String url, String thumbprint) {
        return new TransferSource.Vddk(
                url,
                StandInVSphere.UUID,
                StandInVSphere.DISK,
                thumbprint,
                Optional.empty(),
                login.toString(),
                Optional.empty(),
                Optional.empty());
    }

    TransferSource.Vddk source(Optional<Checkpoint> checkpoint) {
        return new TransferSource.Vddk(
                vsphere.url(),
                StandInVSphere.UUID,
                StandInVSphere.DISK,
                THUMBPRINT,
                checkpoint,
                login.toString(),
                Optional.empty(),
                Optional.empty());
    }

    static ResumeMap stopOnTheWay(Rig rig, TransferPlan plan) {
        CompletableFuture<TransferOutcome> running = CompletableFuture.supplyAsync(() -> rig.run(plan));
        awaitSome(rig);
        rig.stop.raise();
        assertThat(running.join()).isInstanceOf(TransferOutcome.Stopped.class);
        return rig.durableMaps().getLast();
    }

    static void awaitSome(Rig rig) {
        await().atMost(PATIENCE).until(() -> hasDone(rig, 6 * MIB));
    }

    private static boolean hasDone(Rig rig, long bytes) {
        return rig.reports.stream()
                .anyMatch(report -> report instanceof TransferReport.Progress progress && progress.doneBytes() > bytes);
    }
}
