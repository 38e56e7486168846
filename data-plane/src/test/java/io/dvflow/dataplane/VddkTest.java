package io.dvflow.dataplane;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.dvflow.dataplane.source.http.HttpSettings;
import io.dvflow.transfer.Checkpoint;
import io.dvflow.transfer.ErrorClass;
import io.dvflow.transfer.FailureReason;
import io.dvflow.transfer.ResumeMap;
import io.dvflow.transfer.TransferOutcome;
import io.dvflow.transfer.TransferOutcome.Complete;
import io.dvflow.transfer.TransferOutcome.Failed;
import io.dvflow.transfer.TransferPlan;
import io.dvflow.transfer.TransferReport;
import io.dvflow.transfer.TransferSource;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Disks of VMware: found through a stand-in of vSphere, read from the real nbdkit without the library. */
class VddkTest {

    private static final long MIB = 1 << 20;
    private static final long SIZE = 64 * MIB;
    private static final String THUMBPRINT = "AA:BB:CC";
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    /** 4 MB at once and then 2 MB/s, until the test has done what it wants to do meanwhile. */
    private static final String SLOW = "--filter=rate rate=16M";

    /** A host that is strict about blocks, and about how much it is asked for. */
    private static final String STRICT = "--filter=blocksize-policy";

    /** A slow one answers a large request after seconds. */
    private static final HttpSettings PATIENT = new HttpSettings(
            Duration.ofSeconds(2),
            Duration.ofSeconds(20),
            Duration.ofSeconds(20),
            4,
            Duration.ofMillis(20),
            Duration.ofMillis(500));

    @TempDir
    Path directory;

    private StandInVSphere vsphere;
    private Path raw;
    private Path volume;
    private Path login;

    @BeforeEach
    void start() throws IOException {
        vsphere = StandInVSphere.start();
        vsphere.capacity = SIZE;
        raw = TestImages.raw(directory.resolve("disk.raw"), SIZE, 8);
        volume = Files.createDirectory(directory.resolve("volume"));
        login = Files.createDirectory(directory.resolve("login"));
        Files.writeString(login.resolve("accessKeyId"), StandInVSphere.USER);
        Files.writeString(login.resolve("secretKey"), StandInVSphere.PASSWORD);
    }

    @AfterEach
    void stop() {
        vsphere.close();
    }

    @Test
    void readsTheDiskThatIsMeantOnlyWhereThereIsData() throws IOException {
        Nbdkit nbdkit = nbdkit(raw, "");
        Rig rig = rig(nbdkit, 4);

        Complete outcome = rig.complete(plan(Optional.empty()));

        Disks.assertHolds(volume.resolve("disk.img"), SIZE, raw);
        assertThat(outcome.fetchedBytes()).isLessThan(20 * MIB);
        assertThat(nbdkit.arguments())
                .startsWith("--foreground", "--readonly", "--exit-with-parent", "-U")
                .contains(
                        "--filter=retry",
                        "--filter=cacheextents",
                        "vddk",
                        "libdir=/opt/vmware-vix-disklib-distrib",
                        "server=127.0.0.1",
                        "user=" + StandInVSphere.USER,
                        "password=+" + login.resolve("secretKey"),
                        "thumbprint=" + THUMBPRINT,
                        // The machine with the disk, not its copy with the same UUID.
                        "vm=moref=vm-2")
                .endsWith("file=" + StandInVSphere.DISK)
                .noneMatch(argument -> argument.contains(StandInVSphere.PASSWORD))
                .noneMatch(argument -> argument.startsWith("snapshot="));
        assertThat(rig.notes()).contains("VDDK 7.0.3", "VDDK reads from host esx12.test.local");
        assertThat(nbdkit.isRunning()).isFalse();
        assertThat(vsphere.sessions).hasValue(0);
    }

    @Test
    void makesHolesZeroOnADevice() throws IOException {
        try (LoopDevice device = LoopDevice.fullOfOldData(directory.resolve("backing"), SIZE + 4 * MIB)) {
            rig(nbdkit(raw, ""), 4).complete(Rig.plan(source(Optional.empty()), Rig.block(device), SIZE + 4 * MIB));

            Disks.assertHolds(device.path(), SIZE + 4 * MIB, raw);
        }
    }

    @Test
    void knowsHolesLargerThanAnyAnswer() throws IOException {
        long size = 9L << 30;
        Path sparse = directory.resolve("sparse.raw");
        try (RandomAccessFile disk = new RandomAccessFile(sparse.toFile(), "rw")) {
            disk.setLength(size);
            for (long at : new long[] {0, (5L << 30) - 4096, size - 65_536}) {
                disk.seek(at);
                disk.write("here".repeat(4096).getBytes(StandardCharsets.US_ASCII));
            }
        }
        vsphere.capacity = size;

        Complete outcome =
                rig(nbdkit(sparse, ""), 4).complete(Rig.plan(source(Optional.empty()), Rig.file(volume), size));

        assertThat(outcome.fetchedBytes()).isLessThan(MIB);
        Shell.run("qemu-img", "compare", "-f", "raw", "-F", "raw", sparse, volume.resolve("disk.img"));
    }

    @Test
    void noSecretIsInAnyCommandLine() throws IOException {
        Nbdkit nbdkit = nbdkit(dense(), SLOW);
        Rig rig = rig(nbdkit, 1);
        CompletableFuture<Complete> running = CompletableFuture.supplyAsync(() -> rig.complete(plan(Optional.empty())));
        awaitSome(rig);

        List<String> all = commandLines();

        assertThat(all).anyMatch(line -> line.contains("nbdkit"));
        assertThat(all).noneMatch(line -> line.contains("s3cret"));
        nbdkit.hurry();
        running.join();
    }

    @Test
    void startsNbdkitAgainWhenItDies() throws IOException {
        Nbdkit nbdkit = nbdkit(dense(), SLOW);
        Rig rig = rig(nbdkit, 2);
        CompletableFuture<Complete> running = CompletableFuture.supplyAsync(() -> rig.complete(plan(Optional.empty())));
        for (int kills = 1; kills <= 2; kills++) {
            int starts = kills;
            await().atMost(PATIENCE).until(() -> nbdkit.starts() == starts && nbdkit.bytesRead() > 6 * MIB);
            nbdkit.kill();
        }
        nbdkit.hurry();

        Complete outcome = running.join();

        Disks.assertHolds(volume.resolve("disk.img"), SIZE, raw);
        assertThat(nbdkit.starts()).isEqualTo(3);
        assertThat(outcome.fetchedBytes()).isLessThan(SIZE + 8 * MIB);
        assertThat(rig.notes()).anyMatch(note -> note.contains("exit code 137"));
    }

    @Test
    void outlivesTheWorkersThatStartedIt() throws IOException {
        Nbdkit nbdkit = nbdkit(dense(), SLOW);
        Rig rig = rig(nbdkit, 8);
        CompletableFuture<Complete> running = CompletableFuture.supplyAsync(() -> rig.complete(plan(Optional.empty())));
        await().atMost(PATIENCE).until(() -> nbdkit.bytesRead() > 6 * MIB);
        nbdkit.kill();
        nbdkit.hurry();

        running.join();

        // Whichever worker started it again has ended before the last one; nbdkit has not.
        assertThat(nbdkit.starts()).isEqualTo(2);
    }

    @Test
    void givesUpOnAnNbdkitThatNeverServes() throws IOException {
        Nbdkit nbdkit = Nbdkit.standIn(directory, raw, "another password", "");
        Rig rig = rig(nbdkit, 1);

        Failed failed = rig.failed(plan(Optional.empty()));

        assertThat(failed.reason()).isEqualTo(FailureReason.REFUSED_BY_SERVER);
        assertThat(failed.errorClass()).isEqualTo(ErrorClass.NEEDS_CHANGE);
        assertThat(failed.message())
                .contains("VixDiskLib_ConnectEx")
                .contains("exit code 1")
                .doesNotContain("s3cret");
        assertThat(rig.reports.toString()).doesNotContain("s3cret");
    }

    @Test
    void saysThatTheImageHasNoNbdkit() {
        Rig rig = new Rig()
                .with(s -> new TransferSettings(
                        1,
                        s.http(),
                        Map.of("DVFLOW_NBDKIT", directory.resolve("none").toString())));

        assertThat(rig.failed(plan(Optional.empty())).message()).contains("transfer image");
    }

    @Test
    void saysWhoseLoginIsWrong() throws IOException {
        Files.writeString(login.resolve("secretKey"), "not the password");

        Failed failed = rig(nbdkit(raw, ""), 1).failed(plan(Optional.empty()));

        assertThat(failed.reason()).isEqualTo(FailureReason.UNAUTHORIZED);
        assertThat(failed.message()).contains("incorrect user name").doesNotContain("not the password");
    }

    @Test
    void saysWhichDisksThereAre() throws IOException {
        TransferSource.Vddk source = new TransferSource.Vddk(
                vsphere.url(),
                StandInVSphere.UUID,
                "[store] vm/other.vmdk",
                THUMBPRINT,
                Optional.empty(),
                login.toString(),
                Optional.empty(),
                Optional.empty());

        Failed failed = rig(nbdkit(raw, ""), 1).failed(Rig.plan(source, Rig.file(volume), SIZE));

        assertThat(failed.reason()).isEqualTo(FailureReason.NOT_FOUND);
        assertThat(failed.message()).contains("other.vmdk").contains("vm-000002.vmdk");
        assertThat(vsphere.sessions).hasValue(0);
    }

    @Test
    void believesTheOneCertificateWithTheThumbprint() throws IOException, GeneralSecurityException {
        TestAuthority authority = new TestAuthority(Files.createDirectory(directory.resolve("authority")));
        try (StandInVSphere secured = StandInVSphere.startWithTls(authority.server("dns:vcenter.example"))) {
            secured.capacity = SIZE;
            Rig rig = rig(nbdkit(raw, ""), 1);

            Failed refused = rig.failed(Rig.plan(at(secured.url(), THUMBPRINT), Rig.file(volume), SIZE));
            assertThat(refused.reason()).isEqualTo(FailureReason.CERTIFICATE);
            String right = refused.message().replaceFirst("(?s).*thumbprint is ([0-9A-F:]+),.*", "$1");

            rig(nbdkit(raw, ""), 1).complete(Rig.plan(at(secured.url(), right), Rig.file(volume), SIZE));
        }
    }

    @Test
    void handsSettingsOver() throws IOException {
        Path settings = Files.createDirectory(directory.resolve("settings"));
        Files.writeString(settings.resolve("vddk-config-file"), "VixDiskLib.nfcAio.Session.BufSizeIn64KB=16\n");
        Files.writeString(settings.resolve("vddk-node-selector"), "{}");
        Nbdkit nbdkit = nbdkit(raw, "");
        TransferSource.Vddk source = new TransferSource.Vddk(
                vsphere.url(),
                StandInVSphere.UUID,
                StandInVSphere.DISK,
                THUMBPRINT,
                Optional.empty(),
                login.toString(),
                Optional.empty(),
                Optional.of(settings.toString()));

        rig(nbdkit, 1).complete(Rig.plan(source, Rig.file(volume), SIZE));

        assertThat(nbdkit.arguments()).contains("config=" + settings.resolve("vddk-config-file"));
    }

    @Test
    void asksOnlyForWholeBlocksOfAStrictHost() throws IOException {
        String strict = STRICT + " blocksize-minimum=4096 blocksize-maximum=1M blocksize-error-policy=error " + SLOW;
        Nbdkit nbdkit = nbdkit(dense(), strict);
        Rig rig = rig(nbdkit, 2);
        CompletableFuture<Complete> running = CompletableFuture.supplyAsync(() -> rig.complete(plan(Optional.empty())));
        await().atMost(PATIENCE).until(() -> nbdkit.bytesRead() > 6 * MIB);
        nbdkit.kill();
        nbdkit.hurry();

        running.join();
        Disks.assertHolds(volume.resolve("disk.img"), SIZE, raw);
    }

    @Test
    void aSnapshotIsTheSameForALaterPod() throws IOException {
        Nbdkit nbdkit = nbdkit(dense(), SLOW);
        TransferPlan plan = plan(stage("snapshot-1", null));
        ResumeMap done = stopOnTheWay(rig(nbdkit, 1), plan);
        assertThat(nbdkit.isRunning()).isFalse();
        nbdkit.hurry();

        Complete outcome = rig(nbdkit, 1).complete(Rig.resuming(plan, done));

        Disks.assertHolds(volume.resolve("disk.img"), SIZE, raw);
        assertThat(outcome.fetchedBytes()).isLessThan(SIZE - done.finishedBytes() + 2 * MIB);
        assertThat(nbdkit.arguments()).contains("snapshot=snapshot-1");
    }

    @Test
    void theDiskOfAMachineThatRunsIsReadAnew() throws IOException {
        Nbdkit nbdkit = nbdkit(dense(), SLOW);
        Rig rig = rig(nbdkit, 1);
        TransferPlan plan = plan(Optional.empty());
        CompletableFuture<TransferOutcome> running = CompletableFuture.supplyAsync(() -> rig.run(plan));
        await().atMost(PATIENCE).until(() -> rig.reports.toString().contains("COPY") && nbdkit.isRunning());
        rig.stop.raise();
        running.join();
        assertThat(rig.durableMaps()).isEmpty();
        nbdkit.hurry();

        Complete outcome = rig(nbdkit, 1).complete(plan);

        assertThat(outcome.fetchedBytes()).isGreaterThanOrEqualTo(SIZE);
    }

    @Test
    void theDiskOfAMachineThatIsOffIsTheSameWhileItsChangesAre() throws IOException {
        vsphere.powerState = "poweredOff";
        vsphere.changeIdNow = "52 aa bb/7";
        Nbdkit nbdkit = nbdkit(dense(), SLOW);
        TransferPlan plan = plan(Optional.empty());
        ResumeMap done = stopOnTheWay(rig(nbdkit, 1), plan);
        nbdkit.hurry();

        Complete outcome = rig(nbdkit, 1).complete(Rig.resuming(plan, done));
        assertThat(outcome.fetchedBytes()).isLessThan(SIZE - done.finishedBytes() + 2 * MIB);
    }

    @ParameterizedTest
    @ValueSource(strings = {"snapshot-1", "first", StandInVSphere.CHANGE_ID})
    void writesOnlyWhatChangedSinceTheCheckpointBefore(String previous) throws IOException {
        Path expected = changedDisk();
        rig(nbdkit(raw, ""), 4).complete(plan(stage("snapshot-1", null)));

        Complete outcome = rig(nbdkit(expected, ""), 4).complete(plan(stage("snapshot-2", previous)));

        Disks.assertHolds(volume.resolve("disk.img"), SIZE, expected);
        assertThat(vsphere.changed).hasSizeGreaterThan(3 * StandInVSphere.PAGE);
        assertThat(vsphere.calls.stream().filter("QueryChangedDiskAreas"::equals))
                .hasSizeGreaterThan(3);
        assertThat(outcome.fetchedBytes()).isLessThan(4 * MIB);
    }

    @Test
    void opensItsSessionAgainOnce() throws IOException {
        Path expected = changedDisk();
        rig(nbdkit(raw, ""), 4).complete(plan(stage("snapshot-1", null)));
        vsphere.callsUntilExpiry.set(7);

        rig(nbdkit(expected, ""), 4).complete(plan(stage("snapshot-2", "snapshot-1")));

        Disks.assertHolds(volume.resolve("disk.img"), SIZE, expected);
        assertThat(vsphere.calls.stream().filter("Login"::equals)).hasSize(3);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "<returnval><startOffset>0</startOffset><length>0</length></returnval>",
                "<returnval><startOffset>65536</startOffset><length>65536</length></returnval>",
                "<returnval><startOffset>0</startOffset><length>999999999999</length></returnval>",
                "<returnval><startOffset>0</startOffset><length>65536</length><changedArea><start>0</start>"
                        + "<length>131072</length></changedArea></returnval>",
                "<returnval><startOffset>0</startOffset><length>65536</length><changedArea><start>-1</start>"
                        + "<length>512</length></changedArea></returnval>",
                "<returnval><startOffset>0</startOffset><length>65536</length><changedArea><start>4096</start>"
                        + "<length>512</length></changedArea><changedArea><start>0</start><length>512</length>"
                        + "</changedArea></returnval>",
            })
    void believesNoChangesThatDoNotAddUp(String page) throws IOException {
        rig(nbdkit(raw, ""), 4).complete(plan(stage("snapshot-1", null)));
        vsphere.pageOverride = Optional.of(page);

        Failed failed = rig(nbdkit(raw, ""), 4).failed(plan(stage("snapshot-2", "snapshot-1")));

        assertThat(failed.message()).contains("QueryChangedDiskAreas");
        Disks.assertHolds(volume.resolve("disk.img"), SIZE, raw);
    }

    /** The disk as the second snapshot has it: eleven ragged changes, one of them to zeros. */
    private Path changedDisk() throws IOException {
        Path changed = directory.resolve("changed.raw");
        Files.copy(raw, changed);
        List<StandInVSphere.Area> areas = new ArrayList<>();
        Random random = new Random(3);
        try (RandomAccessFile disk = new RandomAccessFile(changed.toFile(), "rw")) {
            for (int i = 0; i < 11; i++) {
                long at = 512L + i * 5L * MIB;
                byte[] bytes = new byte[512 * (1 + random.nextInt(300))];
                if (i != 6) {
                    random.nextBytes(bytes);
                }
                disk.seek(at);
                disk.write(bytes);
                areas.add(new StandInVSphere.Area(at, bytes.length));
            }
        }
        vsphere.changed = areas;
        return changed;
    }

    private Path dense() throws IOException {
        TestImages.random(raw, SIZE, 21);
        return raw;
    }

    /** Of every process that this one has started, as anybody on the machine can read them. */
    private static List<String> commandLines() {
        return ProcessHandle.current()
                .descendants()
                .map(process -> Path.of("/proc", Long.toString(process.pid()), "cmdline"))
                .map(VddkTest::readIfThere)
                .toList();
    }

    private static String readIfThere(Path file) {
        try {
            return Files.readString(file, StandardCharsets.ISO_8859_1);
        } catch (IOException e) {
            // It has ended meanwhile.
            return "";
        }
    }

    private ResumeMap stopOnTheWay(Rig rig, TransferPlan plan) {
        CompletableFuture<TransferOutcome> running = CompletableFuture.supplyAsync(() -> rig.run(plan));
        awaitSome(rig);
        rig.stop.raise();
        assertThat(running.join()).isInstanceOf(TransferOutcome.Stopped.class);
        return rig.durableMaps().getLast();
    }

    private static void awaitSome(Rig rig) {
        await().atMost(PATIENCE).until(() -> hasDone(rig, 6 * MIB));
    }

    private static boolean hasDone(Rig rig, long bytes) {
        return rig.reports.stream()
                .anyMatch(report -> report instanceof TransferReport.Progress progress && progress.doneBytes() > bytes);
    }

    private Nbdkit nbdkit(Path disk, String more) throws IOException {
        return Nbdkit.standIn(directory, disk, StandInVSphere.PASSWORD, more);
    }

    private static Rig rig(Nbdkit nbdkit, int connections) {
        return new Rig()
                .with(s -> new TransferSettings(connections, PATIENT, Map.of("DVFLOW_NBDKIT", nbdkit.program())));
    }

    private static Optional<Checkpoint> stage(String current, String previous) {
        return Optional.of(new Checkpoint(current, Optional.ofNullable(previous)));
    }

    private TransferPlan plan(Optional<Checkpoint> checkpoint) {
        return Rig.plan(source(checkpoint), Rig.file(volume), SIZE);
    }

    private TransferSource.Vddk at(String url, String thumbprint) {
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

    private TransferSource.Vddk source(Optional<Checkpoint> checkpoint) {
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
}
