package io.dvflow.dataplane;

import static org.assertj.core.api.Assertions.assertThat;

import io.dvflow.testbed.http.FaultServer;
import io.dvflow.testbed.http.ResourceSpec;
import io.dvflow.testbed.hypervisors.ImageIoDaemon;
import io.dvflow.testbed.hypervisors.StandInEngine;
import io.dvflow.transfer.FailureReason;
import io.dvflow.transfer.TransferOutcome.Complete;
import io.dvflow.transfer.TransferOutcome.Failed;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Disks of oVirt: borrowed from a stand-in of the engine, read from the real ovirt-imageio. */
class ImageIoTest {

    @TempDir
    static Path shared;

    private static ImageIoDaemon daemon;

    @TempDir
    Path directory;

    private OvirtDisk ovirt;

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
    void start() throws IOException {
        ovirt = new OvirtDisk(daemon, directory);
    }

    @AfterEach
    void stop() {
        ovirt.close();
    }

    @Test
    void readsOnlyWhereThereIsDataAndLeavesNothingOpen() throws IOException {
        Rig rig = new Rig();

        Complete outcome = rig.complete(ovirt.plan());

        Disks.assertHolds(ovirt.volume.resolve("disk.img"), OvirtDisk.SIZE, ovirt.raw);
        assertThat(outcome.format()).isEqualTo("raw");
        assertThat(outcome.fetchedBytes()).isLessThan(20 * OvirtDisk.MIB);
        assertThat(ovirt.engine.endings()).containsExactly("finalize");
        assertThat(ovirt.engine.open()).isEmpty();
        assertThat(ovirt.engine.lent.getFirst().asked())
                .contains("\"direction\":\"download\"")
                .contains("\"format\":\"raw\"")
                .contains("\"inactivity_timeout\":\"60\"");
        assertThat(daemon.hasTicket(ovirt.engine.lent.getFirst().url())).isFalse();
        assertThat(rig.reports.toString())
                .doesNotContain(StandInEngine.PASSWORD)
                .doesNotContain(ovirt.ticketOf(0));
    }

    @Test
    void makesHolesZeroOnADevice() throws IOException {
        try (LoopDevice device =
                LoopDevice.fullOfOldData(directory.resolve("backing"), OvirtDisk.SIZE + 4 * OvirtDisk.MIB)) {
            new Rig()
                    .complete(Rig.plan(
                            ovirt.source(OvirtDisk.DISK, Optional.empty()),
                            Rig.block(device),
                            OvirtDisk.SIZE + 4 * OvirtDisk.MIB));

            Disks.assertHolds(device.path(), OvirtDisk.SIZE + 4 * OvirtDisk.MIB, ovirt.raw);
        }
    }

    @Test
    void takesNothingOnTheDiskForAFormat() throws IOException {
        Path inner = ovirt.qcow2("inner.qcow2");
        Path outer = directory.resolve("outer.raw");
        Files.copy(inner, outer);
        Shell.run("truncate", "-s", OvirtDisk.SIZE, outer);
        ovirt.host.serves(OvirtDisk.DISK, outer);

        new Rig().complete(ovirt.plan());

        Disks.assertHolds(ovirt.volume.resolve("disk.img"), OvirtDisk.SIZE, outer);
    }

    @Test
    void goesThroughTheEnginesProxyWhereTheHostIsOutOfReach() throws IOException {
        ovirt.engine.proxied = url -> url;
        ovirt.engine.direct = url -> "http://127.0.0.1:1/images/x";
        Rig rig = new Rig();

        rig.complete(ovirt.plan());

        Disks.assertHolds(ovirt.volume.resolve("disk.img"), OvirtDisk.SIZE, ovirt.raw);
        assertThat(rig.notes()).anyMatch(note -> note.contains("proxy"));
    }

    @Test
    void readsEverythingFromAHostThatDoesNotListExtents() throws IOException {
        try (FaultServer server = FaultServer.start()) {
            server.add("/images/t", ResourceSpec.of(ovirt.raw).withoutValidators());
            ovirt.engine.direct = url -> server.url("/images/t");
            Rig rig = new Rig();

            Complete outcome = rig.complete(ovirt.plan());

            Disks.assertHolds(ovirt.volume.resolve("disk.img"), OvirtDisk.SIZE, ovirt.raw);
            assertThat(outcome.fetchedBytes()).isGreaterThanOrEqualTo(OvirtDisk.SIZE);
            assertThat(ovirt.engine.endings()).containsExactly("finalize");
        }
    }

    @Test
    void saysWhoseLoginIsWrong() throws IOException {
        Files.writeString(ovirt.login.resolve("secretKey"), "not the password");

        Failed failed = new Rig().failed(ovirt.plan());

        assertThat(failed.reason()).isEqualTo(FailureReason.UNAUTHORIZED);
        assertThat(failed.message()).contains("admin@internal").doesNotContain("not the password");
        assertThat(ovirt.engine.lent).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(ints = {401, 403})
    void aUserWithoutRightsNamesTheSecret(int status) {
        ovirt.engine.refusal = Optional.of(status);

        Failed failed = new Rig().failed(ovirt.plan());

        assertThat(failed.reason()).isEqualTo(FailureReason.UNAUTHORIZED);
        assertThat(failed.message())
                .startsWith("Unable to connect to imageio data source: ")
                .contains("answered " + status)
                .contains("The user may not do that")
                .contains("the secret that the source's secretRef names");
    }

    @Test
    void saysWhichDiskIsNotThere() {
        Failed failed = new Rig()
                .failed(Rig.plan(
                        ovirt.source("no-such-disk", Optional.empty()), Rig.file(ovirt.volume), OvirtDisk.SIZE));

        assertThat(failed.reason()).isEqualTo(FailureReason.NOT_FOUND);
        assertThat(failed.message()).contains("no-such-disk").contains("Check diskId");
    }

    @Test
    void refusesADiskThatDoesNotFitAndGivesItBack() {
        Failed failed = new Rig()
                .failed(Rig.plan(
                        ovirt.source(OvirtDisk.DISK, Optional.empty()), Rig.file(ovirt.volume), OvirtDisk.SIZE / 2));

        assertThat(failed.reason()).isEqualTo(FailureReason.TOO_SMALL);
        assertThat(ovirt.engine.endings()).containsExactly("cancel");
        assertThat(ovirt.engine.open()).isEmpty();
    }
}
