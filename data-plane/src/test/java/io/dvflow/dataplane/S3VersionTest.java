package io.dvflow.dataplane;

import static io.dvflow.testbed.objects.S3Server.ACCESS_KEY;
import static io.dvflow.testbed.objects.S3Server.SECRET_KEY;

import io.dvflow.testbed.objects.S3Server;
import io.dvflow.transfer.TransferPlan;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** An object that a real S3 server keeps the versions of. */
class S3VersionTest {

    private static final long SIZE = 8 << 20;
    private static final String REGION = "eu-west-1";

    @TempDir
    static Path shared;

    private static S3Server server;
    private static Path older;
    private static Path newer;
    private static String olderRaw;
    private static String olderQcow2;

    @TempDir
    Path directory;

    private Path volume;

    @BeforeAll
    static void serve() throws IOException {
        server = S3Server.startWithVersions(shared, REGION);
        older = Files.createFile(shared.resolve("older.raw"));
        newer = Files.createFile(shared.resolve("newer.raw"));
        TestImages.random(older, SIZE, 68);
        TestImages.random(newer, SIZE, 69);
        ask("/images", "-X", "PUT");
        ask(
                "/images?versioning=",
                "-X",
                "PUT",
                "-H",
                "Content-Type: application/xml",
                "-d",
                "<VersioningConfiguration xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><Status>Enabled</Status>"
                        + "</VersioningConfiguration>");
        olderRaw = put("disk.raw", older);
        put("disk.raw", newer);
        olderQcow2 = put("disk.qcow2", qcow2(older));
        put("disk.qcow2", qcow2(newer));
    }

    @AfterAll
    static void stop() {
        if (server != null) {
            server.close();
        }
    }

    @BeforeEach
    void makeVolume() throws IOException {
        volume = Files.createDirectory(directory.resolve("volume"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"disk.raw", "disk.qcow2"})
    void theVersionThatTheUrlNamesIsReadThoughThereIsANewerOne(String key) {
        String version = key.equals("disk.raw") ? olderRaw : olderQcow2;

        new Rig().complete(plan(key + "?versionId=" + version));

        Disks.assertHolds(volume.resolve("disk.img"), SIZE, older);
    }

    @Test
    void aUrlThatNamesNoneMeansTheNewest() {
        new Rig().complete(plan("disk.raw"));

        Disks.assertHolds(volume.resolve("disk.img"), SIZE, newer);
    }

    private TransferPlan plan(String object) {
        Path keys = S3Rig.secret(directory, Map.of("accessKeyId", ACCESS_KEY, "secretKey", SECRET_KEY));
        return Rig.plan(S3Rig.source(server.endpoint() + "/images/" + object, keys), Rig.file(volume), SIZE);
    }

    private static Path qcow2(Path raw) {
        Path image = Path.of(raw + ".qcow2");
        Shell.run("qemu-img", "convert", "-f", "raw", "-O", "qcow2", raw, image);
        return image;
    }

    /** Returns the version that the server has made of it. */
    private static String put(String key, Path file) {
        return ask("/images/" + key, "-T", file.toString())
                .lines()
                .filter(line -> line.startsWith("x-amz-version-id: "))
                .map(line -> line.substring(line.indexOf(' ')).strip())
                .findFirst()
                .orElseThrow();
    }

    /** By S3's own protocol: what is put behind its back has no versions. */
    private static String ask(String path, String... options) {
        List<Object> command = new ArrayList<>(List.of(
                "curl",
                "-sSif",
                "--aws-sigv4",
                "aws:amz:" + REGION + ":s3",
                "--user",
                ACCESS_KEY + ":" + SECRET_KEY,
                "-H",
                "x-amz-content-sha256: UNSIGNED-PAYLOAD"));
        command.addAll(List.of(options));
        command.add(server.endpoint() + path);
        return Shell.run(command.toArray());
    }
}
