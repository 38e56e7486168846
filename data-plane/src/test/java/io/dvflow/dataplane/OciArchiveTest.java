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
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Images in a tar file that the transfer program finds in its own file system. */
class OciArchiveTest {

    private static final int SIZE = 2 << 20;

    @TempDir
    Path directory;

    private final byte[] disk = new byte[SIZE];
    private Path archive;

    @BeforeEach
    void makeDisk() {
        new Random(41).nextBytes(disk);
        archive = directory.resolve("image.tar");
    }

    @Test
    void theOnlyImageIsRead() throws IOException {
        write(Map.of("whatever", image(disk)));

        complete("oci-archive:/" + archive);

        assertDiskArrived();
    }

    @Test
    void oneOfSeveralIsNamed() throws IOException {
        write(Map.of("good", image(disk), "other", image(new byte[SIZE])));

        Failed unnamed = failed("oci-archive:/" + archive);
        Failed unknown = failed("oci-archive:/" + archive + ":bad");
        complete("oci-archive:/" + archive + ":good");

        assertThat(unnamed.message()).contains("found 2").contains(":tag");
        assertThat(unknown.message()).contains("with the name bad");
        assertDiskArrived();
    }

    @Test
    void whatIsMissingOrNoneIsSaid() throws IOException {
        Failed missing = failed("oci-archive:/" + archive);
        Files.write(archive, new TestTar().file("readme", "x").end());
        Failed none = failed("oci-archive:/" + archive);
        Files.writeString(archive, "text".repeat(1000));
        Failed text = failed("oci-archive:/" + archive);

        assertThat(missing.reason()).isEqualTo(FailureReason.NOT_FOUND);
        assertThat(missing.message()).contains("docker://");
        assertThat(none.message()).contains("index.json");
        assertThat(text.message()).contains("no tar archive");
    }

    @Test
    void digestsCountHereToo() throws IOException {
        ContainerImage image = image(disk);
        write(Map.of("x", image));
        byte[] bytes = Files.readAllBytes(archive);
        bytes[bytes.length - 700_000] ^= 1;
        Files.write(archive, bytes);

        assertThat(failed("oci-archive:/" + archive).reason()).isEqualTo(FailureReason.DIGEST_MISMATCH);
    }

    @Test
    void aFileCutShortIsSaid() throws IOException {
        write(Map.of("x", image(disk)));
        byte[] bytes = Files.readAllBytes(archive);
        Files.write(archive, Arrays.copyOf(bytes, bytes.length - 700_000));

        assertThat(failed("oci-archive:/" + archive).reason()).isEqualTo(FailureReason.CORRUPT_IMAGE);
    }

    private static ContainerImage image(byte[] disk) {
        return new ContainerImage()
                .layer(new TestTar().file("disk/disk.img", disk).end(), Packing.PLAIN);
    }

    private void write(Map<String, ContainerImage> images) throws IOException {
        TestTar tar = new TestTar().file("oci-layout", "{\"imageLayoutVersion\":\"1.0.0\"}");
        List<Map<String, Object>> entries = new ArrayList<>();
        images.forEach((name, image) -> {
            byte[] manifest = image.manifest();
            Map<String, Object> entry = ContainerImage.descriptor(
                    ContainerImage.OCI_MANIFEST, ContainerImage.digest(manifest), manifest.length);
            entry.put("annotations", Map.of("org.opencontainers.image.ref.name", name));
            entries.add(entry);
            add(tar, ContainerImage.digest(manifest), manifest);
        });
        tar.file("index.json", ContainerImage.index(ContainerImage.OCI_INDEX, entries));
        images.values().forEach(image -> image.blobs.forEach((digest, content) -> add(tar, digest, content)));
        Files.write(archive, tar.end());
    }

    private static void add(TestTar tar, String digest, byte[] content) {
        tar.file("blobs/" + digest.replace(':', '/'), content);
    }

    private void complete(String url) {
        new Rig().complete(Rig.plan(source(url), Rig.file(directory), SIZE));
    }

    private Failed failed(String url) {
        return new Rig().failed(Rig.plan(source(url), Rig.file(directory), SIZE));
    }

    private static TransferSource.Registry source(String url) {
        return new TransferSource.Registry(
                url, Optional.empty(), Optional.empty(), Optional.empty(), false, Optional.empty());
    }

    private void assertDiskArrived() throws IOException {
        assertThat(Files.readAllBytes(directory.resolve("disk.img"))).isEqualTo(disk);
    }
}
