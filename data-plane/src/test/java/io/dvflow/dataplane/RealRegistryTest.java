package io.dvflow.dataplane;

import static org.assertj.core.api.Assertions.assertThat;

import io.dvflow.dataplane.ContainerImage.Packing;
import io.dvflow.dataplane.tar.TestTar;
import io.dvflow.transfer.FailureReason;
import io.dvflow.transfer.TransferOutcome.Failed;
import io.dvflow.transfer.TransferSource;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The registry that most registries are made of, with TLS and a login. */
class RealRegistryTest {

    private static final int SIZE = 5 << 20;

    @TempDir
    static Path registryDirectory;

    private static final byte[] DISK = new byte[SIZE];
    private static DebianRegistry registry;

    @TempDir
    Path directory;

    @BeforeAll
    static void start() throws IOException, GeneralSecurityException {
        new Random(3).nextBytes(DISK);
        registry = new DebianRegistry(registryDirectory);
    }

    @AfterAll
    static void stop() {
        registry.close();
    }

    @ParameterizedTest
    @EnumSource
    void everyPackingIsRead(Packing packing) throws IOException {
        ContainerImage image = image("amd64", DISK, packing);
        byte[] manifest = image.manifest();
        registry.push(image);
        registry.manifest("by-" + packing.name().toLowerCase(Locale.ROOT), manifest, ContainerImage.OCI_MANIFEST);

        complete(source("by-" + packing.name().toLowerCase(Locale.ROOT), DebianRegistry.PASSWORD, Optional.empty()));

        assertDiskArrived();
    }

    @Test
    void theArchitectureIsPickedFromAnIndexNamedByItsDigest() throws IOException {
        ContainerImage amd = image("amd64", new byte[SIZE], Packing.GZIP);
        ContainerImage arm = image("arm64", DISK, Packing.GZIP);
        byte[] one = amd.manifest();
        byte[] two = arm.manifest();
        registry.push(amd);
        registry.push(arm);
        registry.manifest(ContainerImage.digest(one), one, ContainerImage.OCI_MANIFEST);
        registry.manifest(ContainerImage.digest(two), two, ContainerImage.OCI_MANIFEST);
        byte[] index = ContainerImage.index(
                ContainerImage.OCI_INDEX,
                List.of(
                        ContainerImage.forPlatform(one, ContainerImage.OCI_MANIFEST, "linux", "amd64"),
                        ContainerImage.forPlatform(two, ContainerImage.OCI_MANIFEST, "linux", "arm64")));
        registry.manifest("many", index, ContainerImage.OCI_INDEX);

        complete(source(ContainerImage.digest(index), DebianRegistry.PASSWORD, Optional.of("arm64")));

        assertDiskArrived();
    }

    @Test
    void aWrongLoginAndAnUnknownTagAreToldApart() throws IOException {
        Failed wrong = failed(source("none", "guess", Optional.empty()));
        Failed unknown = failed(source("none", DebianRegistry.PASSWORD, Optional.empty()));

        assertThat(wrong.reason()).isEqualTo(FailureReason.UNAUTHORIZED);
        assertThat(unknown.reason()).isEqualTo(FailureReason.NOT_FOUND);
        assertThat(unknown.message()).contains("MANIFEST_UNKNOWN");
    }

    private static ContainerImage image(String architecture, byte[] disk, Packing packing) {
        return new ContainerImage()
                .architecture(architecture)
                .layer(
                        new TestTar()
                                .directory("disk/")
                                .file("disk/disk.img", disk)
                                .end(),
                        packing);
    }

    private TransferSource.Registry source(String tag, String password, Optional<String> architecture)
            throws IOException {
        Path secret = Files.createDirectories(directory.resolve("secret"));
        Files.writeString(secret.resolve("accessKeyId"), DebianRegistry.USER);
        Files.writeString(secret.resolve("secretKey"), password);
        return registry.source(tag, secret, architecture);
    }

    private void complete(TransferSource source) {
        new Rig().complete(Rig.plan(source, Rig.file(directory), SIZE));
    }

    private Failed failed(TransferSource source) {
        return new Rig().failed(Rig.plan(source, Rig.file(directory), SIZE));
    }

    private void assertDiskArrived() throws IOException {
        assertThat(Files.readAllBytes(directory.resolve("disk.img"))).isEqualTo(DISK);
    }
}
