package io.dvflow.dataplane;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.dvflow.testbed.http.Fault;
import io.dvflow.testbed.http.Fault.Kind;
import io.dvflow.testbed.http.FaultServer;
import io.dvflow.testbed.http.Resource;
import io.dvflow.testbed.http.ResourceSpec;
import io.dvflow.testbed.http.ServerOptions;
import io.dvflow.transfer.FailureReason;
import io.dvflow.transfer.ResumeMap;
import io.dvflow.transfer.TransferOutcome;
import io.dvflow.transfer.TransferOutcome.Failed;
import io.dvflow.transfer.TransferPlan;
import io.dvflow.transfer.TransferSource;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An image at several addresses: who is asked, who takes whose place, and who is not believed. */
class MirrorTest {

    private static final int MIB = 1 << 20;
    private static final int SIZE = 64 * MIB;
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @TempDir
    Path directory;

    private final byte[] bytes = new byte[SIZE];
    private final byte[] others = new byte[SIZE];
    private FaultServer first;
    private FaultServer second;
    private Path volume;

    @BeforeEach
    void serve() throws IOException {
        new Random(81).nextBytes(bytes);
        new Random(82).nextBytes(others);
        first = FaultServer.start();
        second = FaultServer.start();
        volume = Files.createDirectory(directory.resolve("volume"));
    }

    @AfterEach
    void stop() {
        first.close();
        second.close();
    }

    @Test
    void connectionsAreSpreadOverMirrorsOfTheSameBytes() {
        Resource one = first.add("/disk", ResourceSpec.of(bytes).etag("\"v1\""));
        Resource two = second.add("/there", ResourceSpec.of(bytes).etag("\"v1\""));

        complete(new Rig(), source(Optional.empty()));

        assertThat(one.stats().bodyBytes()).isGreaterThan(SIZE / 8);
        assertThat(two.stats().bodyBytes()).isGreaterThan(SIZE / 8);
        assertThat(one.stats().bodyBytes() + two.stats().bodyBytes()).isLessThan(SIZE + MIB);
    }

    @Test
    void aMirrorThatCannotBeComparedIsNotReadWithTheOthers() {
        Resource one = first.add("/disk", ResourceSpec.of(bytes).etag("\"v1\""));
        Resource two = second.add("/there", ResourceSpec.of(others).etag("\"v2\""));

        complete(new Rig(), source(Optional.empty()));

        assertThat(one.stats().bodyBytes()).isGreaterThanOrEqualTo(SIZE);
        assertThat(two.stats().bodyBytes()).isLessThanOrEqualTo(64 << 10);
    }

    @Test
    void whereTheFirstAddressRefusesTheNextIsTried() {
        first.add("/disk", ResourceSpec.of(bytes)).faults(Fault.status(404));
        second.add("/there", ResourceSpec.of(bytes).etag("\"v1\""));
        Rig rig = new Rig();

        complete(rig, source(Optional.empty()));

        assertThat(rig.notes()).anyMatch(note -> note.contains("404") && note.contains("trying its mirror"));
    }

    @Test
    void whereNoAddressHasItTheFirstIsTheOneToLookAt() {
        first.add("/disk", ResourceSpec.of(bytes)).faults(Fault.status(403));

        Failed failed = new Rig().failed(plan(source(Optional.empty())));

        assertThat(failed.reason()).isEqualTo(FailureReason.UNAUTHORIZED);
        assertThat(failed.message()).contains("403").contains("none of its 1 mirrors");
    }

    @Test
    void aMirrorThatIsDeadHoldsNobodyUp() {
        first.add("/disk", ResourceSpec.of(bytes).etag("\"v1\""));
        second.close();
        Rig rig = new Rig();

        complete(rig, source(Optional.empty()));

        assertThat(rig.notes()).anyMatch(note -> note.contains("is left out"));
    }

    @Test
    void whenOneGivesUpTheOtherGoesOnAtThatByte() {
        Resource one = first.add("/disk", ResourceSpec.of(bytes).etag("\"v1\""));
        Resource two = second.add("/there", ResourceSpec.of(bytes).etag("\"v1\""));
        one.faults(
                Fault.status(404).afterTotalBytes(8 * MIB), Fault.of(Kind.DROP).afterBytes(MIB));
        Rig rig = new Rig();

        complete(rig, source(Optional.empty()));

        assertThat(rig.notes())
                .filteredOn(note -> note.contains("left out from here on"))
                .hasSize(1);
        assertThat(one.stats().bodyBytes() + two.stats().bodyBytes()).isLessThan(SIZE + 2 * MIB);
    }

    @Test
    void aMirrorThatTurnsIntoSomethingElseIsLeftOut() {
        Resource one = first.add("/disk", ResourceSpec.of(bytes).etag("\"v1\""));
        Resource two = second.add("/there", ResourceSpec.of(bytes).etag("\"v1\""));
        two.faults(
                Fault.of(Kind.DROP).afterBytes(2 * MIB).skip(1),
                Fault.of(Kind.CHANGED).text("\"v2\"").skip(3));
        Rig rig = new Rig();

        complete(rig, source(Optional.empty()));

        assertThat(rig.notes())
                .anyMatch(note -> note.contains("ETag \"v1\" became \"v2\"") && note.contains("left out"));
        assertThat(one.stats().bodyBytes()).isGreaterThan(SIZE / 2);
    }

    @Test
    void otherBytesUnderTheSameTagAreNoticedAtTheBeginning() {
        first.add("/disk", ResourceSpec.of(bytes).etag("\"v1\""));
        second.add("/there", ResourceSpec.of(others).etag("\"v1\""));
        Rig rig = new Rig();

        complete(rig, source(Optional.empty()));

        assertThat(rig.notes()).anyMatch(note -> note.contains("begins with other bytes"));
    }

    @Test
    void withAChecksumAnyMirrorOfTheSameLengthGoesOn() {
        Resource one = first.add("/disk", ResourceSpec.of(bytes).etag("\"here\""));
        Resource two = second.add("/there", ResourceSpec.of(bytes).etag("\"there\""));
        one.faults(
                Fault.status(404).afterTotalBytes(8 * MIB), Fault.of(Kind.DROP).afterBytes(16 * MIB));

        complete(new Rig(), source(Optional.of("sha256:" + sha256(bytes))));

        assertThat(two.stats().bodyBytes()).isBetween((long) SIZE / 2, (long) SIZE);
    }

    @Test
    void withAChecksumOtherBytesAreFoundOut() {
        Resource one = first.add("/disk", ResourceSpec.of(bytes).etag("\"here\""));
        second.add("/there", ResourceSpec.of(others).etag("\"there\""));
        one.faults(
                Fault.status(404).afterTotalBytes(8 * MIB), Fault.of(Kind.DROP).afterBytes(16 * MIB));

        Failed failed = new Rig().failed(plan(source(Optional.of("sha256:" + sha256(bytes)))));

        assertThat(failed.reason()).isEqualTo(FailureReason.CHECKSUM_MISMATCH);
    }

    @Test
    void aLaterAttemptGoesOnWithTheMirrorThatAnswers() {
        Resource one = first.add("/disk", ResourceSpec.of(bytes).etag("\"v1\""));
        Resource two = second.add("/there", ResourceSpec.of(bytes).etag("\"v1\""));
        one.faults(Fault.of(Kind.GATE).afterTotalBytes(SIZE / 4));
        two.faults(Fault.of(Kind.GATE).afterTotalBytes(SIZE / 4));
        Rig rig = new Rig();
        TransferPlan plan = plan(source(Optional.empty()));
        CompletableFuture<TransferOutcome> running = CompletableFuture.supplyAsync(() -> rig.run(plan));
        await().atMost(PATIENCE).until(() -> one.stats().held() > 0 && rig.durableBytes() > SIZE / 4);
        rig.stop.raise();
        assertThat(running.join()).isInstanceOf(TransferOutcome.Stopped.class);
        ResumeMap done = rig.durableMaps().getLast();
        one.faults(Fault.status(404));
        two.faults();
        two.resetStats();

        complete(new Rig(), source(Optional.empty()));

        assertThat(two.stats().bodyBytes() - (SIZE - done.finishedBytes())).isLessThan(6L * MIB);
    }

    @Test
    void theLoginIsForTheFirstServerAlone() throws IOException {
        Path secret = S3Rig.secret(directory, Map.of("accessKeyId", "jane", "secretKey", "pw"));
        try (FaultServer locked = FaultServer.start(ServerOptions.defaults().login("jane", "pw"))) {
            Resource one = locked.add("/disk", ResourceSpec.of(bytes).etag("\"v1\""));
            Resource same = locked.add("/again", ResourceSpec.of(bytes).etag("\"v1\""));
            Resource two = second.add("/there", ResourceSpec.of(bytes).etag("\"v1\""));

            complete(
                    new Rig(),
                    new TransferSource.Http(
                            locked.url("/disk"),
                            Optional.of(secret.toString()),
                            Optional.empty(),
                            List.of("X-Token: t"),
                            List.of(),
                            Optional.empty(),
                            true,
                            List.of(second.url("/there"), locked.url("/again"))));

            assertThat(List.of(one, same))
                    .allSatisfy(resource -> assertThat(resource.log())
                            .isNotEmpty()
                            .allMatch(request -> request.header("x-token").equals("t")
                                    && request.header("authorization").startsWith("Basic ")));
            assertThat(two.log())
                    .isNotEmpty()
                    .allMatch(request -> request.header("x-token").isEmpty()
                            && request.header("authorization").isEmpty());
        }
    }

    private TransferSource.Http source(Optional<String> checksum) {
        return new TransferSource.Http(
                first.url("/disk"),
                Optional.empty(),
                Optional.empty(),
                List.of(),
                List.of(),
                checksum,
                true,
                List.of(second.url("/there")));
    }

    private TransferPlan plan(TransferSource source) {
        return Rig.plan(source, Rig.file(volume), SIZE);
    }

    private void complete(Rig rig, TransferSource source) {
        rig.complete(plan(source));
        try {
            assertThat(Arrays.mismatch(Files.readAllBytes(volume.resolve("disk.img")), bytes))
                    .as("first byte that differs")
                    .isEqualTo(-1);
        } catch (IOException e) {
            throw new UncheckedIOException("Reading the disk", e);
        }
    }

    private static String sha256(byte[] content) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(content));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
