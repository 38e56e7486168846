package io.dvflow.dataplane;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.dvflow.testbed.http.FaultServer;
import io.dvflow.testbed.http.ResourceSpec;
import io.dvflow.transfer.FailureReason;
import io.dvflow.transfer.TransferJson;
import io.dvflow.transfer.TransferOutcome;
import io.dvflow.transfer.TransferOutcome.Complete;
import io.dvflow.transfer.TransferOutcome.Failed;
import io.dvflow.transfer.TransferPlan;
import io.dvflow.transfer.TransferSource;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A disk in an image that the node has pulled, offered by a file server in the pod. */
class PulledImageTest {

    private static final long SIZE = 8 << 20;
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @TempDir
    Path directory;

    private final FaultServer server = FaultServer.start();
    private final Rig rig = new Rig();
    private Path shared;
    private TransferPlan plan;

    @BeforeEach
    void makeDirectories() throws IOException {
        shared = Files.createDirectory(directory.resolve("shared"));
        Files.createDirectory(directory.resolve("volume"));
        plan = plan(Optional.empty());
    }

    @AfterEach
    void stop() {
        server.close();
    }

    @Test
    void theDiskIsWaitedForAndReadByRanges() throws IOException {
        Path raw = TestImages.raw(directory.resolve("disk.raw"), SIZE, 5);
        Path qcow2 = directory.resolve("disk.qcow2");
        Shell.run("qemu-img", "convert", "-f", "raw", "-O", "qcow2", raw, qcow2);
        server.add("/disk", ResourceSpec.of(qcow2));
        CompletableFuture<TransferOutcome> running = CompletableFuture.supplyAsync(() -> rig.run(plan));
        await().atMost(PATIENCE).until(() -> rig.notes().toString().contains("Waiting for the container"));

        offer(Map.of(
                "url",
                server.url("/disk"),
                "file",
                "/disk/linux.qcow2",
                "environment",
                List.of("INSTANCETYPE_KUBEVIRT_IO_DEFAULT_PREFERENCE=linux")));

        assertThat(running.join()).isInstanceOfSatisfying(Complete.class, complete -> {
            assertThat(complete.format()).isEqualTo("qcow2");
            assertThat(complete.labels()).isEqualTo(Map.of("instancetype.kubevirt.io/default-preference", "linux"));
        });
        Disks.assertHolds(directory.resolve("volume/disk.img"), SIZE, raw);
    }

    @Test
    void theFileIsHeldAgainstItsChecksum() throws IOException {
        Path raw = TestImages.raw(directory.resolve("disk.raw"), SIZE, 5);
        server.add("/disk", ResourceSpec.of(raw));
        offer(Map.of("url", server.url("/disk"), "file", "/disk/linux.raw", "environment", List.of()));

        Failed failed = rig.failed(planWith("sha256:" + "0".repeat(64)));
        assertThat(failed.reason()).isEqualTo(FailureReason.CHECKSUM_MISMATCH);
        assertThat(directory.resolve("volume/disk.img")).doesNotExist();

        rig.complete(planWith("sha256:" + Shell.run("sha256sum", raw).substring(0, 64)));
        Disks.assertHolds(directory.resolve("volume/disk.img"), SIZE, raw);
    }

    @Test
    void waitingCanBeStopped() {
        CompletableFuture<TransferOutcome> running = CompletableFuture.supplyAsync(() -> rig.run(plan));
        await().atMost(PATIENCE).until(() -> rig.notes().toString().contains("Waiting for the container"));

        rig.stop.raise();

        assertThat(running.join()).isInstanceOf(TransferOutcome.Stopped.class);
    }

    @Test
    void whatTheFileServerComplainsOfIsTheFailure() throws IOException {
        offer(Map.of("error", "expected exactly one file below /disk, found 2: /disk/a, /disk/b"));

        Failed failed = rig.failed(plan);

        assertThat(failed.reason()).isEqualTo(FailureReason.CORRUPT_IMAGE);
        assertThat(failed.message()).contains("quay.io/disks/linux:1").contains("exactly one file");
    }

    @Test
    void anOfferThatIsNoneIsSaid() throws IOException {
        Files.writeString(shared.resolve("offer.json"), "nonsense");

        assertThat(rig.failed(plan).message()).contains("cannot read what the file server");
    }

    private TransferPlan planWith(String checksum) {
        return plan(Optional.of(checksum));
    }

    private TransferPlan plan(Optional<String> checksum) {
        var source = new TransferSource.PulledImage("quay.io/disks/linux:1", shared.toString(), checksum);
        return Rig.plan(source, Rig.file(directory.resolve("volume")), SIZE);
    }

    /** In one step, as the file server does it. */
    private void offer(Map<String, Object> what) throws IOException {
        Path draft = Files.writeString(shared.resolve("draft"), TransferJson.write(what));
        Files.move(draft, shared.resolve("offer.json"), StandardCopyOption.ATOMIC_MOVE);
    }
}
