package io.dvflow.dataplane.target;

import static org.assertj.core.api.Assertions.assertThat;

import io.dvflow.dataplane.LoopDevice;
import io.dvflow.dataplane.RamFileSystem;
import io.dvflow.dataplane.report.Reporter;
import io.dvflow.transfer.TransferReport;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DiskWriterTest {

    private static final int SIZE = 4 << 20;
    private static final int PAGE = DiskTarget.ALIGNMENT;
    private static final int SECTOR = LoopDevice.LARGE_SECTOR;

    @TempDir
    Path directory;

    private final List<TransferReport> said = new ArrayList<>();
    private final Random random = new Random(5);
    private final byte[] expected = new byte[SIZE];

    @Test
    void everyByteGetsToItsPlacePastThePageCacheOrThroughIt() throws IOException {
        try (LoopDevice device = LoopDevice.fullOfOldData(directory.resolve("backing"), SIZE)) {
            writeAnywhere(device.path());
        }
        assertThat(said).isEmpty();
    }

    @Test
    void whereDirectWritesAreRefusedFromTheStartTheyGoThroughThePageCache() throws IOException {
        try (RamFileSystem _ = RamFileSystem.at(directory)) {
            Path disk = Files.write(directory.resolve("disk.img"), new byte[SIZE]);

            writeAnywhere(disk);

            assertThat(said).containsExactly(note(disk + " takes no direct I/O, writing through the page cache"));
        }
    }

    @Test
    void whereADirectWriteIsRefusedItAndAllThatFollowGoThroughThePageCache() throws IOException {
        try (LoopDevice device = LoopDevice.withLargeSectors(directory.resolve("backing"), SIZE)) {
            Arrays.fill(expected, (byte) 0xAA);
            try (DiskWriter writer = open(device.path())) {
                write(writer, 0, 2 * SECTOR);
                assertThat(said).as("of a write of whole sectors").isEmpty();

                write(writer, SECTOR + PAGE, PAGE);
                write(writer, 3 * SECTOR + PAGE, 2 * SECTOR + 512);
                write(writer, 8 * SECTOR, SECTOR);
                writer.force();
                assertThat(writer.writtenBytes()).isEqualTo(5 * SECTOR + PAGE + 512);
            }

            assertHolds(device.path());
            assertThat(said)
                    .containsExactly(note(device.path() + " refuses direct I/O, writing through the page cache"));
        }
    }

    @Test
    void everyByteGetsToItsPlaceOnADeviceThatRefusesNowAndThen() throws IOException {
        try (LoopDevice device = LoopDevice.withLargeSectors(directory.resolve("backing"), SIZE)) {
            writeAnywhere(device.path());
        }
    }

    private void writeAnywhere(Path disk) throws IOException {
        try (DiskWriter writer = open(disk)) {
            write(writer, 0, SIZE);
            for (int i = 0; i < 200; i++) {
                int unit = random.nextBoolean() ? PAGE : 1;
                int at = random.nextInt(SIZE - (128 << 10)) / unit * unit;
                write(writer, at, 1 + random.nextInt(64 << 10));
            }
            writer.force();
        }
        assertHolds(disk);
    }

    private DiskWriter open(Path disk) throws IOException {
        return DiskWriter.open(disk, true, new Reporter(said::add));
    }

    private void write(DiskWriter writer, int at, int length) throws IOException {
        byte[] bytes = new byte[length];
        random.nextBytes(bytes);
        System.arraycopy(bytes, 0, expected, at, length);
        ByteBuffer aligned = ByteBuffer.allocateDirect(length + 2 * PAGE)
                .alignedSlice(PAGE)
                .put(bytes)
                .flip();
        writer.write(aligned, at);
        assertThat(aligned.hasRemaining()).isFalse();
    }

    private void assertHolds(Path disk) throws IOException {
        assertThat(Arrays.mismatch(Files.readAllBytes(disk), expected))
                .as("first byte that is not as it was written")
                .isEqualTo(-1);
    }

    private static TransferReport note(String text) {
        return new TransferReport.Note(TransferReport.Note.Level.INFO, text);
    }
}
