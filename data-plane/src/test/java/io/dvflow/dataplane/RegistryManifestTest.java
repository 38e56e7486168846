package io.dvflow.dataplane;

import static org.assertj.core.api.Assertions.assertThat;

import io.dvflow.dataplane.ContainerImage.Packing;
import io.dvflow.dataplane.tar.TestTar;
import io.dvflow.testbed.http.ResourceSpec;
import io.dvflow.transfer.FailureReason;
import io.dvflow.transfer.TransferOutcome.Failed;
import io.dvflow.transfer.TransferSource;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** From the name of an image to the one for a platform, and what images say about themselves. */
class RegistryManifestTest {

    private static final int SIZE = RegistryImports.SIZE;

    @TempDir
    Path directory;

    private RegistryImports imports;
    private FaultRegistry registry;

    @BeforeEach
    void start() throws IOException {
        imports = new RegistryImports(directory);
        registry = imports.registry;
    }

    @AfterEach
    void stop() {
        imports.close();
    }

    @Test
    void manifestsAreFollowedToThePlatformThatIsWanted() throws IOException {
        ContainerImage right =
                new ContainerImage().architecture("arm64").layer(imports.diskTar("disk/a"), Packing.GZIP);
        ContainerImage other = new ContainerImage()
                .layer(new TestTar().file("disk/a", new byte[SIZE]).end(), Packing.GZIP);
        for (String type : List.of(ContainerImage.OCI_INDEX, ContainerImage.DOCKER_LIST)) {
            pushIndex(type, other, right);

            imports.rig.complete(Rig.plan(arm(), Rig.file(imports.volume), SIZE));

            imports.assertDiskArrived();
            Files.delete(imports.volume.resolve("disk.img"));
        }
    }

    @Test
    void anIndexWithoutThePlatformSaysWhatItHas() {
        ContainerImage amd = new ContainerImage().layer(imports.diskTar("disk/a"), Packing.GZIP);
        byte[] manifest = amd.manifest();
        registry.push(amd);
        registry.manifest("inner", manifest, ContainerImage.OCI_MANIFEST);
        registry.manifest(
                "v1",
                ContainerImage.index(
                        ContainerImage.OCI_INDEX,
                        List.of(
                                ContainerImage.forPlatform(manifest, ContainerImage.OCI_MANIFEST, "linux", "amd64"),
                                ContainerImage.forPlatform(manifest, ContainerImage.OCI_MANIFEST, "windows", "arm64"))),
                ContainerImage.OCI_INDEX);

        Failed failed = imports.rig.failed(Rig.plan(arm(), Rig.file(imports.volume), SIZE));

        assertThat(failed.reason()).isEqualTo(FailureReason.NOT_FOUND);
        assertThat(failed.message())
                .contains("linux/arm64")
                .contains("linux/amd64")
                .contains("platform.architecture");
    }

    @Test
    void anImageForAnotherArchitectureIsRefusedIfOneWasAskedFor() throws IOException {
        registry.push(new ContainerImage().layer(imports.diskTar("disk/a"), Packing.GZIP), "v1");
        TransferSource unasked = new TransferSource.Registry(
                registry.url("v1"), Optional.empty(), Optional.empty(), Optional.empty(), true, Optional.empty());

        Failed failed = imports.rig.failed(Rig.plan(arm(), Rig.file(imports.volume), SIZE));
        imports.rig.complete(Rig.plan(unasked, Rig.file(imports.volume), SIZE));

        assertThat(failed.message()).contains("\"amd64\" doesn't match requested architecture: \"arm64\"");
        imports.assertDiskArrived();
    }

    @Test
    void digestsOfManifestsAreChecked() {
        ContainerImage image = new ContainerImage().layer(imports.diskTar("disk/a"), Packing.GZIP);
        registry.push(image, "v1");
        byte[] manifest = image.manifest();
        String digest = ContainerImage.digest(manifest);

        imports.rig.complete(Rig.plan(registry.source(digest), Rig.file(imports.volume), SIZE));
        manifest[manifest.length - 1] = ' ';
        registry.server.add(
                "/v2/" + FaultRegistry.REPOSITORY + "/manifests/" + digest,
                ResourceSpec.of((new String(manifest, StandardCharsets.UTF_8) + "}").getBytes(StandardCharsets.UTF_8)));

        Failed failed = imports.failed(digest);
        assertThat(failed.reason()).isEqualTo(FailureReason.DIGEST_MISMATCH);
        assertThat(failed.message()).contains("manifest").contains(digest);
    }

    @Test
    void theConfigurationsDigestIsChecked() {
        ContainerImage image = new ContainerImage().layer(imports.diskTar("disk/a"), Packing.GZIP);
        registry.push(image, "v1");
        String config = image.blobs.keySet().stream()
                .filter(digest -> !digest.equals(image.layerDigest(0)))
                .findFirst()
                .orElseThrow();
        byte[] other = image.blobs.get(config).clone();
        other[5] = 'x';
        registry.blob(config, other);

        assertThat(imports.failed("v1").reason()).isEqualTo(FailureReason.DIGEST_MISMATCH);
    }

    @Test
    void bootableContainersAreNoDisks() {
        for (String label : List.of("containers.bootc", "ostree.bootable")) {
            registry.push(
                    new ContainerImage()
                            .layer(imports.diskTar("disk/a"), Packing.GZIP)
                            .label(label, "1"),
                    "v1");

            assertThat(imports.failed("v1").message())
                    .contains("bootc image detected")
                    .contains(label);
        }
    }

    @Test
    void theEnvironmentTurnsIntoLabels() {
        registry.push(
                new ContainerImage()
                        .layer(imports.diskTar("disk/a"), Packing.GZIP)
                        .env("INSTANCETYPE_KUBEVIRT_IO_DEFAULT_PREFERENCE=fedora"),
                "v1");

        assertThat(imports.complete("v1").labels())
                .isEqualTo(Map.of("instancetype.kubevirt.io/default-preference", "fedora"));
    }

    @Test
    void documentsThatAreNoneAreRefused() {
        registry.manifest("text", "<html>no</html>".getBytes(StandardCharsets.UTF_8), "text/html");
        registry.manifest(
                "old", "{\"schemaVersion\":1,\"fsLayers\":[]}".getBytes(StandardCharsets.UTF_8), "application/json");
        registry.manifest(
                "empty", "{\"schemaVersion\":2}".getBytes(StandardCharsets.UTF_8), ContainerImage.OCI_MANIFEST);
        registry.manifest("huge", new byte[5 << 20], ContainerImage.OCI_MANIFEST);
        registry.manifest(
                "odd-digest",
                "{\"schemaVersion\":2,\"config\":{\"digest\":\"../../etc/passwd\",\"size\":1},\"layers\":[]}"
                        .getBytes(StandardCharsets.UTF_8),
                ContainerImage.OCI_MANIFEST);
        registry.manifest(
                "huge-config",
                ("{\"schemaVersion\":2,\"config\":{\"digest\":\"sha256:" + "0".repeat(64)
                                + "\",\"size\":99999999999},\"layers\":[]}")
                        .getBytes(StandardCharsets.UTF_8),
                ContainerImage.OCI_MANIFEST);
        registry.manifest("deep", "[".repeat(100_000).getBytes(StandardCharsets.UTF_8), ContainerImage.OCI_MANIFEST);
        registry.manifest(
                "nothing",
                "{\"schemaVersion\":2,\"manifests\":[null]}".getBytes(StandardCharsets.UTF_8),
                ContainerImage.OCI_INDEX);

        assertThat(imports.failed("text").message()).contains("expected the JSON of an image manifest");
        assertThat(imports.failed("old").message()).contains("schema version 2, found version 1");
        assertThat(imports.failed("empty").message()).contains("neither an image nor an index");
        assertThat(imports.failed("huge").message()).contains("larger than");
        assertThat(imports.failed("odd-digest").message()).contains("expected a digest");
        assertThat(imports.failed("huge-config").message()).contains("99999999999");
        assertThat(imports.failed("deep").message()).contains("expected the JSON");
        assertThat(imports.failed("nothing").reason()).isNotEqualTo(FailureReason.UNKNOWN);
    }

    private TransferSource.Registry arm() {
        return new TransferSource.Registry(
                registry.url("v1"), Optional.empty(), Optional.empty(), Optional.of("arm64"), true, Optional.empty());
    }

    private void pushIndex(String type, ContainerImage amd, ContainerImage arm) {
        String inner =
                type.equals(ContainerImage.OCI_INDEX) ? ContainerImage.OCI_MANIFEST : ContainerImage.DOCKER_MANIFEST;
        byte[] one = amd.manifest(inner);
        byte[] two = arm.manifest(inner);
        registry.push(amd);
        registry.push(arm);
        registry.manifest("one", one, inner).manifest("two", two, inner);
        registry.manifest(
                "v1",
                ContainerImage.index(
                        type,
                        List.of(
                                ContainerImage.forPlatform(one, inner, "linux", "amd64"),
                                ContainerImage.forPlatform(one, inner, "unknown", "unknown"),
                                ContainerImage.forPlatform(two, inner, "linux", "arm64"))),
                type);
    }
}
