package io.dvflow.dataplane;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dvflow.dataplane.report.TransferFailure;
import io.dvflow.testbed.http.FaultServer;
import io.dvflow.testbed.http.Resource;
import io.dvflow.testbed.http.ResourceSpec;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Disks as they come out of an OVA: compressed grains, and everything that says where they are at the end. */
class VmwareStreamTest {

    private static final long MIB = 1 << 20;
    /** Two grain tables, and a last grain that is not whole. */
    private static final long SIZE = 37 * MIB + 3 * 512;

    @TempDir
    Path directory;

    @Test
    void aDiskThatVMwareExported() throws IOException {
        Resource disk = assertImports(inOrder());

        assertThat(disk.stats().requests()).isLessThan(20);
        assertThat(disk.stats().bodyBytes()).isLessThan(disk.spec().content().length() * 11 / 10 + MIB / 2);
    }

    @Test
    void aDiskWhoseGrainsCameInAnyOrder() throws IOException {
        List<Integer> order = inOrder();
        Collections.shuffle(order, new Random(9));

        assertImports(order);
    }

    @Test
    void aDiskWithoutItsEndIsRefused() throws IOException {
        byte[] image = VmwareStream.write(Files.readAllBytes(raw()), inOrder());

        for (int cut : List.of(1, 512, 1024, 1536, 2048, image.length / 2, image.length - 512)) {
            byte[] rest = Arrays.copyOf(image, image.length - cut);
            assertThatThrownBy(() -> new MemorySource(rest).open())
                    .as("without its last %d bytes", cut)
                    .isInstanceOf(TransferFailure.class)
                    .hasMessageContaining("vmdk image is corrupt")
                    .hasMessageContaining("Is it cut short?");
        }
    }

    @Test
    void aFooterThatOnlySaysThatThereIsAFooterIsRefused() throws IOException {
        byte[] image = VmwareStream.write(Files.readAllBytes(raw()), inOrder());
        ByteBuffer.wrap(image).order(ByteOrder.LITTLE_ENDIAN).putLong(image.length - 1024 + 56, -1);

        assertThatThrownBy(() -> new MemorySource(image).open())
                .isInstanceOf(TransferFailure.class)
                .hasMessageContaining("no footer");
    }

    /** And that qemu-img reads the same in it. */
    private Resource assertImports(List<Integer> order) throws IOException {
        Path raw = raw();
        Path image = Files.write(directory.resolve("disk.vmdk"), VmwareStream.write(Files.readAllBytes(raw), order));
        Shell.run("qemu-img", "compare", "-f", "raw", "-F", "vmdk", raw, image);
        try (FaultServer server = FaultServer.start()) {
            Resource disk = server.add("/disk", ResourceSpec.of(image));
            Path volume = Files.createDirectory(directory.resolve("volume"));

            new Rig().complete(Rig.plan(server.url("/disk"), Rig.file(volume), 40 * MIB));

            Disks.assertHolds(volume.resolve("disk.img"), 40 * MIB, raw);
            return disk;
        }
    }

    private Path raw() throws IOException {
        return TestImages.raw(directory.resolve("disk.raw"), SIZE, 13);
    }

    private static List<Integer> inOrder() {
        List<Integer> order = new ArrayList<>();
        for (int grain = 0; grain < Math.ceilDiv(SIZE, VmwareStream.GRAIN); grain++) {
            order.add(grain);
        }
        return order;
    }
}
