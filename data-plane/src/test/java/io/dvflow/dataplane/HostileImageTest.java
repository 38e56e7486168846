package io.dvflow.dataplane;

import static org.assertj.core.api.Assertions.assertThat;

import io.dvflow.testbed.http.FaultServer;
import io.dvflow.testbed.http.Resource;
import io.dvflow.testbed.http.ResourceSpec;
import io.dvflow.transfer.FailureReason;
import io.dvflow.transfer.TransferOutcome.Failed;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Images made to harm, or harmed: refused with a reason, and nothing of them reaches the disk. */
class HostileImageTest {

    private static final int CLUSTER = 64 << 10;
    private static final long SIZE = 4 << 20;

    @TempDir
    static Path directory;

    private static FaultServer server;
    private static byte[] good;
    private static byte[] compressed;

    @BeforeAll
    static void serve() throws IOException {
        server = FaultServer.start();
        Path raw = TestImages.raw(directory.resolve("disk.raw"), SIZE, 11);
        good = qcow2(raw, "good.qcow2");
        compressed = qcow2(raw, "compressed.qcow2", "-c");
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    static Stream<Harm> harms() {
        return Stream.of(
                Harm.hostile("backing file", b -> b.putLong(8, 1024).putInt(16, 11), "backing file"),
                Harm.hostile("backing file without a name", b -> b.putInt(16, 11), "backing file"),
                Harm.hostile("external data file", b -> b.putLong(72, 4), "external data file"),
                Harm.hostile("encrypted", b -> b.putInt(32, 2), "encrypted"),
                Harm.hostile("tiny clusters", b -> b.putInt(20, 3), "2^3"),
                Harm.hostile("huge clusters", b -> b.putInt(20, 60), "2^60"),
                Harm.hostile("negative clusters", b -> b.putInt(20, -1), "2^-1"),
                Harm.hostile("negative size", b -> b.putLong(24, -512), "virtual size"),
                Harm.hostile("largest size", b -> b.putLong(24, Long.MAX_VALUE), "virtual size"),
                Harm.hostile("L1 table of gigabytes", b -> b.putInt(36, Integer.MAX_VALUE), "L1 table"),
                Harm.hostile(
                        "subclusters in small clusters",
                        b -> b.putInt(20, 9).putInt(100, 104).putLong(72, 16),
                        "subclusters"),
                Harm.corrupt("negative L1 size", b -> b.putInt(36, -5), "L1 table"),
                Harm.corrupt("L1 table too small", b -> b.putInt(36, 0), "needs 1"),
                Harm.corrupt("L1 table behind the end", b -> b.putLong(40, 1L << 40), "L1 table lies at"),
                Harm.corrupt("L1 table at a negative offset", b -> b.putLong(40, -CLUSTER), "L1 table lies at"),
                Harm.corrupt("L1 table aslant", b -> b.putLong(40, b.getLong(40) + 8), "L1 table lies at"),
                Harm.corrupt("L2 table behind the end", b -> b.putLong((int) b.getLong(40), 1L << 50), "L1 entry 0"),
                Harm.corrupt("L2 table aslant", b -> b.putLong((int) b.getLong(40), l2(b) + 512), "L1 entry 0"),
                Harm.corrupt("data behind the end", b -> b.putLong(l2(b), 1L << 50), "guest offset 0"),
                Harm.corrupt("data aslant", b -> b.putLong(l2(b), data(b) + 512), "multiple of the cluster size"),
                Harm.corrupt(
                        "compressed data behind the end", b -> b.putLong(l2(b), 1L << 62 | 1L << 50), "compressed"),
                Harm.corrupt("compressed data at the header's place", b -> b.putLong(l2(b), 1L << 62), "compressed"),
                Harm.corrupt("compressed data that is none", b -> b.putLong(l2(b), 1L << 62 | data(b)), "compressed"),
                Harm.corrupt("marked as corrupt", b -> b.putLong(72, 2), "marks it as corrupt"),
                Harm.corrupt("header of two bytes", b -> b.putInt(100, 2), "header"),
                Harm.corrupt("header of gigabytes", b -> b.putInt(100, 1 << 30), "header"),
                Harm.corrupt("unknown compression", b -> b.putLong(72, 8).put(104, (byte) 77), "compression type 77"),
                Harm.unsupported("unknown feature", b -> b.putLong(72, 1L << 40), "incompatible feature bits"),
                Harm.unsupported("version 0", b -> b.putInt(4, 0), "version 0"),
                Harm.unsupported("version 4", b -> b.putInt(4, 4), "version 4"),
                Harm.tooSmall("disk of petabytes", b -> b.putLong(24, 1L << 44).putInt(36, 1 << 15), "is larger than"));
    }

    @ParameterizedTest
    @MethodSource("harms")
    void isRefusedAndSaysWhy(Harm harm) throws IOException {
        byte[] image = good.clone();
        harm.act().accept(ByteBuffer.wrap(image));
        Path volume = volume();

        Failed failed = failed(image, volume);

        assertThat(failed.reason()).as(failed.message()).isEqualTo(harm.reason());
        assertThat(failed.message()).contains(harm.says());
    }

    @ParameterizedTest
    @MethodSource("cuts")
    void anImageCutShortIsRefused(int keep) throws IOException {
        Failed failed = failed(Arrays.copyOf(good, keep), volume());

        assertThat(failed.reason()).as(failed.message()).isEqualTo(FailureReason.CORRUPT_IMAGE);
    }

    static Stream<Integer> cuts() {
        return Stream.of(8, 100, 1000, CLUSTER, 3 * CLUSTER, 5 * CLUSTER, good.length - 512, good.length - 1);
    }

    @Test
    void anImageInsideAnImageIsJustData() throws IOException {
        Path inner = Files.write(directory.resolve("inner"), good);
        byte[] outer = qcow2(inner, "outer.qcow2");
        Path volume = volume();

        server.add("/outer", ResourceSpec.of(outer));
        new Rig().complete(Rig.plan(server.url("/outer"), Rig.file(volume), 8 << 20));

        Disks.assertHolds(volume.resolve("disk.img"), 8 << 20, inner);
    }

    /** Whatever bytes are flipped: an outcome, within bounds of memory and time, never a crash. */
    @RepeatedTest(60)
    void randomHarmEndsInAnOutcome(RepetitionInfo repetition) throws IOException {
        Random random = new Random(repetition.getCurrentRepetition());
        byte[] image = (random.nextBoolean() ? good : compressed).clone();
        List<Integer> targets = List.of(112, 4 * CLUSTER + 4096, image.length);
        for (int i = 0; i < 1 + random.nextInt(8); i++) {
            int limit = Math.min(image.length, targets.get(random.nextInt(targets.size())));
            image[4 + random.nextInt(limit - 4)] ^= (byte) (1 << random.nextInt(8));
        }
        Resource disk = server.add("/harmed", ResourceSpec.of(image).etag("\"1\""));

        var outcome = new Rig().run(Rig.plan(server.url("/harmed"), Rig.file(volume()), SIZE));

        assertThat(outcome.toString()).doesNotContain("reason=UNKNOWN").doesNotContain("Exception");
        assertThat(disk.stats().bodyBytes()).isLessThan(3 * SIZE);
    }

    @ParameterizedTest
    @MethodSource("otherFormats")
    void otherFormatsAreNamed(String name, int offset, String magic) throws IOException {
        byte[] image = new byte[1 << 20];
        byte[] bytes = magic.getBytes(StandardCharsets.ISO_8859_1);
        System.arraycopy(bytes, 0, image, offset, bytes.length);

        Failed failed = failed(image, volume());

        assertThat(failed.reason()).isEqualTo(FailureReason.UNSUPPORTED_FORMAT);
        assertThat(failed.message()).contains(name);
    }

    static Stream<Arguments> otherFormats() {
        return Stream.of(
                Arguments.of("vmdk (ESX sparse)", 0, "COWD"),
                Arguments.of("qed", 0, "QED\0"),
                Arguments.of("tar", 257, "ustar"),
                Arguments.of("text/html", 0, "\n <!DOCTYPE html><html>"));
    }

    private Failed failed(byte[] image, Path volume) {
        server.add("/image", ResourceSpec.of(image));
        Failed failed = new Rig().failed(Rig.plan(server.url("/image"), Rig.file(volume), SIZE));
        assertThat(failed.message()).doesNotContain("Exception");
        return failed;
    }

    private static int l2(ByteBuffer b) {
        return (int) (b.getLong((int) b.getLong(40)) & 0xff_ffff_ffff_fe00L);
    }

    private static long data(ByteBuffer b) {
        return b.getLong(l2(b)) & 0xff_ffff_ffff_fe00L;
    }

    private static byte[] qcow2(Path raw, String name, String... options) throws IOException {
        Path image = directory.resolve(name);
        List<Object> command = new ArrayList<>(List.of("qemu-img", "convert", "-f", "raw", "-O", "qcow2"));
        command.addAll(List.of(options));
        command.addAll(List.of(raw, image));
        Shell.run(command.toArray());
        return Files.readAllBytes(image);
    }

    private static Path volume() throws IOException {
        return Files.createTempDirectory(directory, "volume");
    }
}
