package io.dvflow.dataplane;

import static org.assertj.core.api.Assertions.assertThat;

import io.dvflow.testbed.http.FaultServer;
import io.dvflow.testbed.http.Resource;
import io.dvflow.testbed.http.ResourceSpec;
import io.dvflow.transfer.FailureReason;
import io.dvflow.transfer.TransferOutcome.Failed;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/** Serves images that are not as they should be, and imports them onto a disk of {@link #SIZE}. */
final class HarmedImages implements AutoCloseable {

    static final long SIZE = 4 << 20;

    private final Path directory;
    private final FaultServer server = FaultServer.start();

    HarmedImages(Path directory) {
        this.directory = directory;
    }

    /** A good image of {@link TestImages#raw}, with {@code options} as for qemu-img. */
    byte[] good(String format, String... options) throws IOException {
        Path raw = TestImages.raw(Files.createTempFile(directory, "disk", ".raw"), SIZE, 11);
        return Files.readAllBytes(
                TestImages.image(raw, format, Files.createTempFile(directory, "image", ""), List.of(options)));
    }

    /** A good image of a disk with data in its first 64 KiB only. */
    byte[] nearlyEmpty(String format, String... options) throws IOException {
        byte[] data = new byte[64 << 10];
        Arrays.fill(data, (byte) 7);
        Path raw = Files.write(Files.createTempFile(directory, "disk", ".raw"), Arrays.copyOf(data, (int) SIZE));
        return Files.readAllBytes(
                TestImages.image(raw, format, Files.createTempFile(directory, "image", ""), List.of(options)));
    }

    void assertRefused(Harm harm, byte[] good, ByteOrder order) throws IOException {
        byte[] image = good.clone();
        harm.act().accept(ByteBuffer.wrap(image).order(order));

        Failed failed = refused(image);

        assertThat(failed.reason()).as(failed.message()).isEqualTo(harm.reason());
        assertThat(failed.message()).contains(harm.says());
    }

    void assertRefusedWhenCutTo(int length, byte[] good) throws IOException {
        Failed failed = refused(Arrays.copyOf(good, length));

        assertThat(failed.reason()).as(failed.message()).isEqualTo(FailureReason.CORRUPT_IMAGE);
    }

    /** The refusal of an image; nothing of it was fetched again and again. */
    Failed refused(byte[] image) throws IOException {
        Resource resource = server.add("/image", ResourceSpec.of(image));
        Failed failed = new Rig()
                .failed(Rig.plan(server.url("/image"), Rig.file(Files.createTempDirectory(directory, "volume")), SIZE));
        assertThat(failed.message()).doesNotContain("Exception");
        assertThat(resource.stats().bodyBytes()).isLessThan(3 * SIZE + image.length);
        return failed;
    }

    @Override
    public void close() {
        server.close();
    }
}
