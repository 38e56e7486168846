package io.dvflow.dataplane;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.dvflow.dataplane.source.http.HttpSettings;
import io.dvflow.testbed.http.FaultServer;
import io.dvflow.testbed.http.ResourceSpec;
import io.dvflow.transfer.Checkpoint;
import io.dvflow.transfer.ErrorClass;
import io.dvflow.transfer.FailureReason;
import io.dvflow.transfer.ResumeMap;
import io.dvflow.transfer.TransferOutcome;
import io.dvflow.transfer.TransferOutcome.Complete;
import io.dvflow.transfer.TransferOutcome.Failed;
import io.dvflow.transfer.TransferPlan;
import io.dvflow.transfer.TransferSource;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Disks of oVirt: borrowed from a stand-in of the engine, read from the real ovirt-imageio. */
class ImageIoTest {

    private static final long MIB = 1 << 20;
    private static final long SIZE = 64 * MIB;
    private static final String DISK = "0f6a3d4c-disk";
    private static final String FIRST = "11111111-snapshot";
    private static final String SECOND = "22222222-snapshot";
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @TempDir
    static Path shared;

    private static ImageIoDaemon daemon;

    @TempDir
    Path directory;

    private final Map<String, QemuNbd> served = new ConcurrentHashMap<>();
    private final Map<String, String> images = new ConcurrentHashMap<>();
    private final AtomicInteger sockets = new AtomicInteger();
    private StandInEngine engine;
    private ThrottledProxy slowLine;
    private Path volume;
    private Path login;
    private Path raw;

    @BeforeAll
    static void startDaemon() throws IOException {
        daemon = ImageIoDaemon.start(shared);
    }

    @AfterAll
    static void stopDaemon() {
        if (daemon != null) {
            daemon.close();
        }
    }

    @BeforeEach
    void startEngine() throws IOException {
        engine = StandInEngine.start(new RealHost());
        slowLine = ThrottledProxy.start(8 << 20);
        volume = Files.createDirectory(directory.resolve("volume"));
        login = Files.createDirectory(directory.resolve("login"));
        Files.writeString(login.resolve("accessKeyId"), StandInEngine.USER);
        Files.writeString(login.resolve("secretKey"), StandInEngine.PASSWORD + "\n");
        raw = TestImages.raw(directory.resolve("disk.raw"), SIZE, 5);
        engine.addDisk(DISK, SECOND);
        images.put(DISK, qcow2("disk.qcow2").toString());
    }

    @AfterEach
    void stopEngine() {
        engine.close();
        slowLine.close();
        served.values().forEach(QemuNbd::close);
    }

    @Test
    void readsOnlyWhereThereIsDataAndLeavesNothingOpen() throws IOException {
        Rig rig = new Rig();

        Complete outcome = rig.complete(plan());

        Disks.assertHolds(volume.resolve("disk.img"), SIZE, raw);
        assertThat(outcome.format()).isEqualTo("raw");
        assertThat(outcome.fetchedBytes()).isLessThan(20 * MIB);
        assertThat(engine.actions).containsExactly("finalize");
        assertThat(engine.open()).isEmpty();
        assertThat(engine.lent.getFirst().asked.toString())
                .contains("\"direction\":\"download\"")
                .contains("\"format\":\"raw\"")
                .contains("\"inactivity_timeout\":\"60\"");
        assertThat(daemon.hasTicket(engine.lent.getFirst().url)).isFalse();
        assertThat(rig.reports.toString())
                .doesNotContain(StandInEngine.PASSWORD)
                .doesNotContain(ticketOf(0));
    }

    @Test
    void makesHolesZeroOnADevice() throws IOException {
        try (LoopDevice device = LoopDevice.fullOfOldData(directory.resolve("backing"), SIZE + 4 * MIB)) {
            new Rig().complete(Rig.plan(source(DISK, Optional.empty()), Rig.block(device), SIZE + 4 * MIB));

            Disks.assertHolds(device.path(), SIZE + 4 * MIB, raw);
        }
    }

    @Test
    void takesNothingOnTheDiskForAFormat() throws IOException {
        Path inner = qcow2("inner.qcow2");
        Path outer = directory.resolve("outer.raw");
        Files.copy(inner, outer);
        Shell.run("truncate", "-s", SIZE, outer);
        images.put(DISK, outer.toString());

        new Rig().complete(plan());

        Disks.assertHolds(volume.resolve("disk.img"), SIZE, outer);
    }

    @Test
    void waitsForADiskThatIsLocked() {
        engine.lockedFor.set(3);
        Rig rig = new Rig();

        rig.complete(plan());

        assertThat(rig.notes()).filteredOn(note -> note.contains("is locked")).hasSize(3);
        Disks.assertHolds(volume.resolve("disk.img"), SIZE, raw);
    }

    @Test
    void doesNotWaitForEverInOnePod() {
        engine.lockedFor.set(1000);
        Rig rig = quick();

        Failed failed = rig.failed(plan());

        assertThat(failed.reason()).isEqualTo(FailureReason.SOURCE_BUSY);
        assertThat(failed.errorClass()).isEqualTo(ErrorClass.TRANSIENT);
        assertThat(failed.message()).contains(DISK).contains("locked");
    }

    @Test
    void saysWhoseLoginIsWrong() throws IOException {
        Files.writeString(login.resolve("secretKey"), "not the password");

        Failed failed = new Rig().failed(plan());

        assertThat(failed.reason()).isEqualTo(FailureReason.UNAUTHORIZED);
        assertThat(failed.message()).contains("admin@internal").doesNotContain("not the password");
        assertThat(engine.lent).isEmpty();
    }

    @Test
    void saysWhichDiskIsNotThere() {
        Failed failed = new Rig().failed(Rig.plan(source("no-such-disk", Optional.empty()), Rig.file(volume), SIZE));

        assertThat(failed.reason()).isEqualTo(FailureReason.NOT_FOUND);
        assertThat(failed.message()).contains("no-such-disk").contains("Check diskId");
    }

    @Test
    void refusesADiskThatDoesNotFitAndGivesItBack() {
        Failed failed = new Rig().failed(Rig.plan(source(DISK, Optional.empty()), Rig.file(volume), SIZE / 2));

        assertThat(failed.reason()).isEqualTo(FailureReason.TOO_SMALL);
        assertThat(engine.actions).containsExactly("cancel");
        assertThat(engine.open()).isEmpty();
    }

    @Test
    void goesOnWithAnotherTicketWhenOneIsLost() throws IOException {
        denseDisk();
        Rig rig = slow();
        CompletableFuture<Complete> running = CompletableFuture.supplyAsync(() -> rig.complete(plan()));
        awaitSome(rig);

        daemon.removeTicket(engine.lent.getFirst().url);
        slowLine.hurry();

        Complete outcome = running.join();
        Disks.assertHolds(volume.resolve("disk.img"), SIZE, raw);
        assertThat(engine.lent).hasSize(1);
        assertThat(engine.actions).contains("pause", "resume").endsWith("finalize");
        assertThat(outcome.fetchedBytes()).isLessThan(SIZE + 8 * MIB);
    }

    @Test
    void startsAnewWhenTheEngineHasGivenTheDiskToOthersMeanwhile() throws IOException {
        denseDisk();
        Rig rig = slow();
        CompletableFuture<Complete> running = CompletableFuture.supplyAsync(() -> rig.complete(plan()));
        awaitSome(rig);

        engine.cancelAll();
        slowLine.hurry();

        running.join();
        Disks.assertHolds(volume.resolve("disk.img"), SIZE, raw);
        assertThat(rig.notes()).anyMatch(note -> note.contains("starting anew"));
        assertThat(engine.lent).hasSize(2);
        assertThat(engine.open()).isEmpty();
    }

    @Test
    void goesThroughTheEnginesProxyWhereTheHostIsOutOfReach() throws IOException {
        int closed;
        try (ServerSocket socket = new ServerSocket(0)) {
            closed = socket.getLocalPort();
        }
        engine.proxied = url -> url;
        engine.direct = url -> "http://127.0.0.1:" + closed + "/images/x";
        Rig rig = new Rig();

        rig.complete(plan());

        Disks.assertHolds(volume.resolve("disk.img"), SIZE, raw);
        assertThat(rig.notes()).anyMatch(note -> note.contains("proxy"));
    }

    @Test
    void readsEverythingFromAHostThatDoesNotListExtents() throws IOException {
        try (FaultServer host = FaultServer.start()) {
            host.add("/images/t", ResourceSpec.of(raw).withoutValidators());
            engine.direct = url -> host.url("/images/t");
            Rig rig = new Rig();

            Complete outcome = rig.complete(plan());

            Disks.assertHolds(volume.resolve("disk.img"), SIZE, raw);
            assertThat(outcome.fetchedBytes()).isGreaterThanOrEqualTo(SIZE);
            assertThat(engine.actions).containsExactly("finalize");
        }
    }

    @Test
    void keepsTheTicketWhileTheCopyGoesOn() throws IOException {
        denseDisk();
        Rig rig = slow();

        rig.complete(plan());

        assertThat(engine.count("extend")).isPositive();
    }

    @Test
    void givesTheDiskBackWhenTold() throws IOException {
        denseDisk();
        Rig rig = slow();
        stopOnTheWay(rig, plan(), 8 * MIB);

        assertThat(engine.actions).endsWith("cancel");
        assertThat(engine.open()).isEmpty();
    }

    @Test
    void aSnapshotIsTheSameForALaterPod() throws IOException {
        denseDisk();
        engine.addSnapshot(DISK, FIRST, Optional.empty());
        images.put(FIRST, images.get(DISK));
        TransferPlan plan = Rig.plan(source(DISK, stage(FIRST, null)), Rig.file(volume), SIZE);
        ResumeMap done = stopOnTheWay(slow(), plan, 8 * MIB);

        slowLine.hurry();
        Complete outcome = new Rig().complete(Rig.resuming(plan, done));

        Disks.assertHolds(volume.resolve("disk.img"), SIZE, raw);
        assertThat(outcome.fetchedBytes()).isLessThan(SIZE - done.finishedBytes() + 2 * MIB);
        assertThat(engine.open()).isEmpty();
    }

    @Test
    void aDiskThatWasGivenBackIsReadAnew() throws IOException {
        denseDisk();
        TransferPlan plan = plan();
        ResumeMap done = stopOnTheWay(slow(), plan, 8 * MIB);

        slowLine.hurry();
        Complete outcome = new Rig().complete(Rig.resuming(plan, done));

        assertThat(outcome.fetchedBytes()).isGreaterThanOrEqualTo(SIZE);
        Disks.assertHolds(volume.resolve("disk.img"), SIZE, raw);
    }

    @Test
    void takesUpTheTransferThatAKilledPodLeftBehind() throws IOException {
        denseDisk();
        TransferPlan plan = plan();
        engine.cannotEnd = true;
        Rig killed = slow();
        ResumeMap done = stopOnTheWay(killed, plan, 8 * MIB);
        assertThat(killed.notes()).anyMatch(note -> note.contains("Cannot end image transfer"));
        engine.cannotEnd = false;

        slowLine.hurry();
        Complete outcome = new Rig().complete(Rig.resuming(plan, done));

        Disks.assertHolds(volume.resolve("disk.img"), SIZE, raw);
        assertThat(outcome.fetchedBytes()).isLessThan(SIZE - done.finishedBytes() + 2 * MIB);
        assertThat(engine.lent).hasSize(1);
        assertThat(engine.open()).isEmpty();
    }

    @Test
    void writesOnlyWhatChangedSinceTheCheckpointBefore() throws IOException {
        Path expected = prepareTwoCheckpoints();

        new Rig().complete(Rig.plan(source(DISK, stage(FIRST, null)), Rig.file(volume), SIZE + 4 * MIB));
        Complete outcome =
                new Rig().complete(Rig.plan(source(DISK, stage(SECOND, FIRST)), Rig.file(volume), SIZE + 4 * MIB));

        Disks.assertHolds(volume.resolve("disk.img"), SIZE + 4 * MIB, expected);
        assertThat(outcome.writtenBytes()).isBetween(3 * MIB, 4 * MIB);
        assertThat(engine.lent.getLast().shallow).isTrue();
        assertThat(volume.resolve(".dvflow-journal.json")).doesNotExist();
    }

    @Test
    void changesADeviceInPlace() throws IOException {
        Path expected = prepareTwoCheckpoints();
        try (LoopDevice device = LoopDevice.fullOfOldData(directory.resolve("backing"), SIZE + 4 * MIB)) {
            new Rig().complete(Rig.plan(source(DISK, stage(FIRST, null)), Rig.block(device), SIZE + 4 * MIB));
            new Rig().complete(Rig.plan(source(DISK, stage(SECOND, FIRST)), Rig.block(device), SIZE + 4 * MIB));

            Disks.assertHolds(device.path(), SIZE + 4 * MIB, expected);
        }
    }

    @Test
    void takesADeltaUpWhereItWas() throws IOException {
        engine.addDisk(DISK, "99999999-active");
        prepareTwoCheckpoints();
        Path news = directory.resolve("many-news");
        TestImages.random(news, 40 * MIB, 12);
        Shell.run("qemu-io", "-f", "qcow2", "-c", "write -s " + news + " 8M 40M", images.get(SECOND));
        Path expected = TestImages.asQemuSeesIt(Path.of(images.get(SECOND)), "qcow2", directory.resolve("both.raw"));
        new Rig().complete(Rig.plan(source(DISK, stage(FIRST, null)), Rig.file(volume), SIZE));
        TransferPlan delta = Rig.plan(source(DISK, stage(SECOND, FIRST)), Rig.file(volume), SIZE);
        ResumeMap done = stopOnTheWay(slow(), delta, 32 * MIB);
        slowLine.hurry();

        Complete outcome = new Rig().complete(Rig.resuming(delta, done));

        Disks.assertHolds(volume.resolve("disk.img"), SIZE, expected);
        assertThat(outcome.fetchedBytes()).isLessThan(SIZE - done.finishedBytes() + 2 * MIB);
    }

    @Test
    void putsNoChangesOntoAnotherSnapshotsContent() throws IOException {
        prepareTwoCheckpoints();
        new Rig().complete(Rig.plan(source(DISK, stage(FIRST, null)), Rig.file(volume), SIZE));

        Failed failed =
                new Rig().failed(Rig.plan(source(DISK, stage(SECOND, "33333333-other")), Rig.file(volume), SIZE));

        assertThat(failed.message()).contains("parent " + FIRST).contains("33333333-other");
        Disks.assertHolds(volume.resolve("disk.img"), SIZE, raw);
    }

    @Test
    void putsNoChangesOntoNothing() throws IOException {
        prepareTwoCheckpoints();

        Failed failed = new Rig().failed(Rig.plan(source(DISK, stage(SECOND, FIRST)), Rig.file(volume), SIZE));

        assertThat(failed.message()).contains("there is no disk at");
        assertThat(engine.open()).isEmpty();
    }

    /** A second checkpoint with 3 MiB of new data, and 2 MiB of zeros where there was data; what both make together. */
    private Path prepareTwoCheckpoints() throws IOException {
        Path base = Path.of(images.get(DISK));
        Path overlay = directory.resolve("overlay.qcow2");
        Shell.run("qemu-img", "create", "-q", "-f", "qcow2", "-b", base, "-F", "qcow2", overlay);
        Path expected = directory.resolve("expected.raw");
        Files.copy(raw, expected);
        byte[] news = new byte[3 << 20];
        new Random(77).nextBytes(news);
        Path newsFile = Files.write(directory.resolve("news"), news);
        Shell.run("qemu-io", "-f", "qcow2", "-c", "write -s " + newsFile + " 20M 3M", overlay);
        Shell.run("qemu-io", "-f", "qcow2", "-c", "write -z " + SIZE / 2 + " 2M", overlay);
        try (RandomAccessFile disk = new RandomAccessFile(expected.toFile(), "rw")) {
            disk.seek(20 * MIB);
            disk.write(news);
            disk.seek(SIZE / 2);
            disk.write(new byte[2 << 20]);
        }
        engine.addSnapshot(DISK, FIRST, Optional.empty());
        engine.addSnapshot(DISK, SECOND, Optional.of(FIRST));
        images.put(FIRST, base.toString());
        images.put(DISK, overlay.toString());
        images.put(SECOND, overlay.toString());
        return expected;
    }

    private void denseDisk() throws IOException {
        TestImages.random(raw, SIZE, 9);
        images.put(DISK, qcow2("dense.qcow2").toString());
    }

    private Path qcow2(String name) {
        Path image = directory.resolve(name);
        Shell.run("qemu-img", "convert", "-f", "raw", "-O", "qcow2", raw, image);
        return image;
    }

    private ResumeMap stopOnTheWay(Rig rig, TransferPlan plan, long durableBytes) {
        CompletableFuture<TransferOutcome> running = CompletableFuture.supplyAsync(() -> rig.run(plan));
        await().atMost(PATIENCE).until(() -> rig.durableBytes() > durableBytes);
        rig.stop.raise();
        assertThat(running.join()).isInstanceOf(TransferOutcome.Stopped.class);
        return rig.durableMaps().getLast();
    }

    private static void awaitSome(Rig rig) {
        await().atMost(PATIENCE).until(() -> rig.durableBytes() > 8 * MIB);
    }

    /** One connection to a host that sends 8 MB/s, until it is told to hurry. */
    private Rig slow() {
        engine.direct = slowLine::through;
        return new Rig().with(s -> new TransferSettings(1, s.http(), s.environment()));
    }

    private static Rig quick() {
        return new Rig()
                .with(s -> new TransferSettings(
                        1,
                        new HttpSettings(
                                s.http().connectTimeout(),
                                s.http().stallTimeout(),
                                s.http().headTimeout(),
                                s.http().triesWithoutProgress(),
                                s.http().firstBackoff(),
                                Duration.ofMillis(20)),
                        s.environment()));
    }

    private String ticketOf(int transfer) {
        String url = engine.lent.get(transfer).url;
        return url.substring(url.lastIndexOf('/') + 1);
    }

    private static Optional<Checkpoint> stage(String current, String previous) {
        return Optional.of(new Checkpoint(current, Optional.ofNullable(previous)));
    }

    private TransferPlan plan() {
        return Rig.plan(source(DISK, Optional.empty()), Rig.file(volume), SIZE);
    }

    private TransferSource source(String disk, Optional<Checkpoint> checkpoint) {
        return new TransferSource.ImageIo(engine.url(), disk, checkpoint, login.toString(), Optional.empty(), true);
    }

    /** A host of oVirt: qemu-nbd for the disk, ovirt-imageio in front of it. */
    private final class RealHost implements StandInEngine.Host {

        @Override
        public String serve(String subject, boolean shallow) {
            Path image = Path.of(images.get(subject));
            Path socket = directory.resolve("nbd-" + sockets.incrementAndGet());
            try {
                String format = image.toString().endsWith(".raw") ? "raw" : "qcow2";
                QemuNbd nbd = shallow ? QemuNbd.serveShallow(image, socket) : QemuNbd.serve(image, format, socket);
                served.put(socket.toString(), nbd);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            return daemon.addTicket("nbd:unix:" + socket, SIZE, 60);
        }

        @Override
        public void extend(String url) {
            daemon.extendTicket(url, 60);
        }

        @Override
        public void withdraw(String url) {
            daemon.removeTicket(url);
        }
    }
}
