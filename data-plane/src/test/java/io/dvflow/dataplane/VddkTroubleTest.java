package io.dvflow.dataplane;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.dvflow.testbed.http.TestAuthority;
import io.dvflow.testbed.hypervisors.StandInVSphere;
import io.dvflow.transfer.ErrorClass;
import io.dvflow.transfer.FailureReason;
import io.dvflow.transfer.TransferOutcome.Complete;
import io.dvflow.transfer.TransferOutcome.Failed;
import io.dvflow.transfer.TransferSource;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What goes wrong with vSphere and nbdkit is ridden out, or said in words that help. */
class VddkTroubleTest {

    @TempDir
    Path directory;

    private VddkDisk vmware;

    @BeforeEach
    void start() throws IOException {
        vmware = new VddkDisk(directory);
    }

    @AfterEach
    void stop() {
        vmware.close();
    }

    @Test
    void startsNbdkitAgainWhenItDies() throws IOException {
        Nbdkit nbdkit = vmware.nbdkit(vmware.dense(), VddkDisk.SLOW);
        Rig rig = VddkDisk.rig(nbdkit, 2);
        CompletableFuture<Complete> running =
                CompletableFuture.supplyAsync(() -> rig.complete(vmware.plan(Optional.empty())));
        for (int kills = 1; kills <= 2; kills++) {
            int starts = kills;
            await().atMost(VddkDisk.PATIENCE)
                    .until(() -> nbdkit.starts() == starts && nbdkit.bytesRead() > 6 * VddkDisk.MIB);
            nbdkit.kill();
        }
        nbdkit.hurry();

        Complete outcome = running.join();

        Disks.assertHolds(vmware.volume.resolve("disk.img"), VddkDisk.SIZE, vmware.raw);
        assertThat(nbdkit.starts()).isEqualTo(3);
        assertThat(outcome.fetchedBytes()).isLessThan(VddkDisk.SIZE + 8 * VddkDisk.MIB);
        assertThat(rig.notes()).anyMatch(note -> note.contains("exit code 137"));
    }

    @Test
    void outlivesTheWorkersThatStartedIt() throws IOException {
        Nbdkit nbdkit = vmware.nbdkit(vmware.dense(), VddkDisk.SLOW);
        Rig rig = VddkDisk.rig(nbdkit, 8);
        CompletableFuture<Complete> running =
                CompletableFuture.supplyAsync(() -> rig.complete(vmware.plan(Optional.empty())));
        await().atMost(VddkDisk.PATIENCE).until(() -> nbdkit.bytesRead() > 6 * VddkDisk.MIB);
        nbdkit.kill();
        nbdkit.hurry();

        running.join();

        // Whichever worker started it again has ended before the last one; nbdkit has not.
        assertThat(nbdkit.starts()).isEqualTo(2);
    }

    @Test
    void givesUpOnAnNbdkitThatNeverServes() throws IOException {
        Nbdkit nbdkit = Nbdkit.standIn(directory, vmware.raw, "another password", "");
        Rig rig = VddkDisk.rig(nbdkit, 1);

        Failed failed = rig.failed(vmware.plan(Optional.empty()));

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

        assertThat(rig.failed(vmware.plan(Optional.empty())).message()).contains("transfer image");
    }

    @Test
    void saysWhoseLoginIsWrong() throws IOException {
        Files.writeString(vmware.login.resolve("secretKey"), "not the password");

        Failed failed = VddkDisk.rig(vmware.nbdkit(vmware.raw, ""), 1).failed(vmware.plan(Optional.empty()));

        assertThat(failed.reason()).isEqualTo(FailureReason.UNAUTHORIZED);
        assertThat(failed.message())
                .contains("incorrect user name")
                .contains("the secret that the source's secretRef names")
                .doesNotContain("not the password");
    }

    @Test
    void aUserWithoutRightsNamesTheSecret() throws IOException {
        vmware.vsphere.withoutRights = true;

        Failed failed = VddkDisk.rig(vmware.nbdkit(vmware.raw, ""), 1).failed(vmware.plan(Optional.empty()));

        assertThat(failed.reason()).isEqualTo(FailureReason.UNAUTHORIZED);
        assertThat(failed.message())
                .contains("Permission to perform this operation was denied")
                .contains("the secret that the source's secretRef names");
    }

    @ParameterizedTest
    @ValueSource(ints = {401, 403})
    void aGatewayThatRefusesNamesTheSecret(int status) throws IOException {
        vmware.vsphere.gateway = Optional.of(status);

        Failed failed = VddkDisk.rig(vmware.nbdkit(vmware.raw, ""), 1).failed(vmware.plan(Optional.empty()));

        assertThat(failed.reason()).isEqualTo(FailureReason.UNAUTHORIZED);
        assertThat(failed.message())
                .contains("status " + status)
                .contains("the secret that the source's secretRef names");
    }

    @Test
    void saysWhichDisksThereAre() throws IOException {
        TransferSource.Vddk source = new TransferSource.Vddk(
                vmware.vsphere.url(),
                StandInVSphere.UUID,
                "[store] vm/other.vmdk",
                VddkDisk.THUMBPRINT,
                Optional.empty(),
                vmware.login.toString(),
                Optional.empty(),
                Optional.empty());

        Failed failed = VddkDisk.rig(vmware.nbdkit(vmware.raw, ""), 1)
                .failed(Rig.plan(source, Rig.file(vmware.volume), VddkDisk.SIZE));

        assertThat(failed.reason()).isEqualTo(FailureReason.NOT_FOUND);
        assertThat(failed.message()).contains("other.vmdk").contains("vm-000003.vmdk");
        assertThat(vmware.vsphere.openSessions()).isZero();
    }

    @Test
    void believesTheOneCertificateWithTheThumbprint() throws IOException, GeneralSecurityException {
        TestAuthority authority = new TestAuthority(Files.createDirectory(directory.resolve("authority")));
        try (StandInVSphere secured =
                StandInVSphere.startWithTls("127.0.0.1", authority.server("dns:vcenter.example"))) {
            secured.capacity = VddkDisk.SIZE;
            Rig rig = VddkDisk.rig(vmware.nbdkit(vmware.raw, ""), 1);

            Failed refused = rig.failed(
                    Rig.plan(vmware.at(secured.url(), VddkDisk.THUMBPRINT), Rig.file(vmware.volume), VddkDisk.SIZE));
            assertThat(refused.reason()).isEqualTo(FailureReason.CERTIFICATE);
            String right = refused.message().replaceFirst("(?s).*thumbprint is ([0-9A-F:]+),.*", "$1");

            VddkDisk.rig(vmware.nbdkit(vmware.raw, ""), 1)
                    .complete(Rig.plan(vmware.at(secured.url(), right), Rig.file(vmware.volume), VddkDisk.SIZE));
        }
    }
}
