package io.dvflow.dataplane;

import static org.assertj.core.api.Assertions.assertThat;

import io.dvflow.testbed.http.Fault;
import io.dvflow.testbed.http.Fault.Kind;
import io.dvflow.testbed.http.FaultServer;
import io.dvflow.testbed.http.Resource;
import io.dvflow.testbed.http.ResourceSpec;
import io.dvflow.transfer.ErrorClass;
import io.dvflow.transfer.FailureReason;
import io.dvflow.transfer.TransferOutcome;
import io.dvflow.transfer.TransferOutcome.Failed;
import io.dvflow.transfer.TransferPlan;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** With a checksum given, a disk is either made of exactly these bytes or not there at all. */
class ChecksumTest {

    private static final long SIZE = 5 << 20;

    @TempDir
    Path directory;

    private FaultServer server;
    private Path raw;
    private Path volume;

    @BeforeEach
    void serve() throws IOException {
        server = FaultServer.start();
        raw = TestImages.raw(directory.resolve("disk.raw"), SIZE, 8);
        volume = Files.createDirectory(directory.resolve("volume"));
    }

    @AfterEach
    void stop() {
        server.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"md5", "sha1", "sha256", "SHA512"})
    void everyAlgorithmThatCdiKnows(String algorithm) {
        server.add("/disk", ResourceSpec.of(raw));

        new Rig().complete(plan(algorithm + ":" + sum(algorithm, raw)));

        Disks.assertHolds(volume.resolve("disk.img"), SIZE, raw);
    }

    @Test
    void everyByteIsHashedOnceHoweverOftenTheConnectionBreaks() {
        Resource disk = server.add("/disk", ResourceSpec.of(raw));
        disk.faults(Fault.of(Kind.DROP).afterBytes(700_000));

        new Rig().complete(plan("sha256:" + sum("sha256", raw)));

        assertThat(disk.stats().bodyBytes()).isEqualTo(SIZE + (64 << 10));
    }

    @Test
    void aServerWithoutRangesIsHashedToo() {
        Resource disk = server.add("/disk", ResourceSpec.of(raw).withoutRanges());
        disk.faults(Fault.of(Kind.DROP).afterBytes(700_000).skip(1).times(1));

        new Rig().complete(plan("sha256:" + sum("sha256", raw)));
    }

    @Test
    void aQcow2ImageIsHashedAsItLiesOnTheServer() {
        Path qcow2 = qcow2();
        server.add("/disk", ResourceSpec.of(qcow2));

        new Rig().complete(plan("sha256:" + sum("sha256", qcow2)));

        Disks.assertHolds(volume.resolve("disk.img"), SIZE, raw);
    }

    @ParameterizedTest
    @ValueSource(strings = {"qcow", "qcow2", "vmdk", "vdi", "vpc", "vhdx"})
    void ofAnImageWithTablesEveryByteComesOnceAndTablesTwice(String format) {
        List<String> options = format.equals("vpc") ? List.of("-o", "force_size=on") : List.of();
        Path image = TestImages.image(raw, format, directory.resolve("image"), options);
        Resource disk = server.add("/disk", ResourceSpec.of(image));

        new Rig().complete(plan("sha256:" + sum("sha256", image)));

        Disks.assertHolds(volume.resolve("disk.img"), SIZE, raw);
        assertThat(disk.stats().bodyBytes()).isLessThan(image.toFile().length() + (1 << 20));
    }

    @Test
    void whereTwoPartsShareBytesOnlyTheFirstReadingIsHashedAndThatIsSaid() throws IOException {
        Path qcow2 = qcow2();
        try (RandomAccessFile file = new RandomAccessFile(qcow2.toFile(), "rw")) {
            file.seek(40);
            file.seek(file.readLong());
            long secondLevel = file.readLong() & 0x00ff_ffff_ffff_fe00L;
            file.seek(secondLevel);
            long firstCluster = file.readLong();
            file.seek(secondLevel + 3 * Long.BYTES);
            file.writeLong(firstCluster);
        }
        Path expected = TestImages.asQemuSeesIt(qcow2, "qcow2", directory.resolve("expected"));
        server.add("/disk", ResourceSpec.of(qcow2));
        Rig rig = new Rig();

        rig.complete(plan("sha256:" + sum("sha256", qcow2)));

        Disks.assertHolds(volume.resolve("disk.img"), SIZE, expected);
        assertThat(rig.notes()).anyMatch(note -> note.contains("only the first reading"));
    }

    /** From so many answers on it is another image, under the same tag. */
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 5, 6, 8, 12, 20})
    void nothingThatWasNotHashedIsWritten(int honest) {
        Path qcow2 = qcow2();
        Resource disk = server.add("/disk", ResourceSpec.of(qcow2));
        disk.faults(Fault.of(Kind.CHANGED_SILENTLY)
                .text(disk.spec().etag().orElseThrow())
                .skip(honest));

        TransferOutcome outcome = new Rig().run(plan("sha256:" + sum("sha256", qcow2)));

        if (outcome instanceof TransferOutcome.Complete) {
            Disks.assertHolds(volume.resolve("disk.img"), SIZE, raw);
        } else {
            assertThat(outcome).isInstanceOf(Failed.class);
            assertThat(volume.resolve("disk.img")).doesNotExist();
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aMismatchIsFinalAndLeavesNoDisk(boolean asQcow2) {
        server.add("/disk", ResourceSpec.of(asQcow2 ? qcow2() : raw));

        Failed failed = new Rig().failed(plan("sha256:" + "0".repeat(64)));

        assertThat(failed.reason()).isEqualTo(FailureReason.CHECKSUM_MISMATCH);
        assertThat(failed.errorClass()).isEqualTo(ErrorClass.FINAL);
        assertThat(failed.message()).contains("checksum mismatch").contains("checksum validation failed");
        assertThat(volume.resolve("disk.img")).doesNotExist();
    }

    @Test
    void silentlyExchangedBytesAreCaught() {
        Resource disk = server.add("/disk", ResourceSpec.of(raw).etag("\"v1\""));
        disk.faults(Fault.of(Kind.CHANGED_SILENTLY).skip(1));

        assertThat(new Rig().failed(plan("sha256:" + sum("sha256", raw))).reason())
                .isEqualTo(FailureReason.CHECKSUM_MISMATCH);
    }

    @ParameterizedTest
    @ValueSource(strings = {"sha256", "crc32:abcd", "sha256:xyz", "md5:00"})
    void whatIsNoChecksumIsRefusedBeforeAnythingIsFetched(String checksum) {
        Resource disk = server.add("/disk", ResourceSpec.of(raw));

        assertThat(new Rig().failed(plan(checksum)).reason()).isEqualTo(FailureReason.BAD_PLAN);
        assertThat(disk.stats().requests()).isZero();
    }

    private TransferPlan plan(String checksum) {
        return Rig.plan(Rig.checked(server.url("/disk"), checksum), Rig.file(volume), SIZE);
    }

    private Path qcow2() {
        Path qcow2 = directory.resolve("disk.qcow2");
        Shell.run("qemu-img", "convert", "-O", "qcow2", raw, qcow2);
        return qcow2;
    }

    private static String sum(String algorithm, Path file) {
        return Shell.run(algorithm.toLowerCase(Locale.ROOT) + "sum", file).split(" ")[0];
    }
}
