package io.dvflow.dataplane;

import static org.assertj.core.api.Assertions.assertThat;

import io.dvflow.dataplane.ContainerImage.Packing;
import io.dvflow.testbed.hypervisors.StandInVSphere;
import io.dvflow.transfer.TransferOutcome.Complete;
import io.dvflow.transfer.TransferPlan;
import io.dvflow.transfer.TransferSource;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The rate holds for sources that have protocols of their own, too: so many bytes, and no more, have come by a time. */
class SourceRateTest {

    private static final int MIB = 1 << 20;
    /** What may be saved up, and the last read of each connection: fractions of a second. */
    private static final double AHEAD_SECONDS = 0.5;

    @TempDir
    Path directory;

    private Path rate;

    @BeforeEach
    void limit() throws IOException {
        rate = Files.writeString(directory.resolve("rate-limit"), "1Mi");
    }

    @Test
    void aDiskBehindNbd() throws IOException {
        long size = 4 * MIB;
        Path raw = directory.resolve("disk.raw");
        TestImages.random(raw, size, 17);
        Nbdkit nbdkit = Nbdkit.standIn(directory, raw, StandInVSphere.PASSWORD, "");
        Path volume = Files.createDirectory(directory.resolve("volume"));
        Path login = Files.createDirectory(directory.resolve("login"));
        Files.writeString(login.resolve("accessKeyId"), StandInVSphere.USER);
        Files.writeString(login.resolve("secretKey"), StandInVSphere.PASSWORD);
        try (StandInVSphere vsphere = StandInVSphere.start()) {
            vsphere.capacity = size;
            TransferSource source = new TransferSource.Vddk(
                    vsphere.url(),
                    StandInVSphere.UUID,
                    StandInVSphere.DISK,
                    "AA:BB:CC",
                    Optional.empty(),
                    login.toString(),
                    Optional.empty(),
                    Optional.empty());

            assertComesAtTheRate(Rig.plan(source, Rig.file(volume), size), size, "DVFLOW_NBDKIT", nbdkit.program());
        }
        Disks.assertHolds(volume.resolve("disk.img"), size, raw);
    }

    @Test
    void aDiskInAContainerImage() throws IOException {
        try (RegistryImports imports = new RegistryImports(directory)) {
            imports.registry.push(new ContainerImage().layer(imports.diskTar("disk/disk.img"), Packing.PLAIN), "v1");
            TransferPlan plan = Rig.plan(imports.registry.source("v1"), Rig.file(imports.volume), RegistryImports.SIZE);

            assertComesAtTheRate(plan, RegistryImports.SIZE, "unused", "");
            imports.assertDiskArrived();
        }
    }

    private void assertComesAtTheRate(TransferPlan plan, long size, String variable, String value) {
        Rig rig = new Rig()
                .with(s -> new TransferSettings(
                        s.connections(), s.http(), Map.of("DVFLOW_RATE_LIMIT_FILE", rate.toString(), variable, value)));
        long began = System.nanoTime();

        Complete complete = rig.complete(plan);

        double seconds = (System.nanoTime() - began) / 1e9;
        assertThat(complete.fetchedBytes())
                .as("bytes in %.2f s", seconds)
                .isGreaterThanOrEqualTo(size)
                .isLessThanOrEqualTo((long) (MIB * (seconds + AHEAD_SECONDS)));
        assertThat(rig.notes()).contains("Reading at most 1Mi bytes per second");
    }
}
