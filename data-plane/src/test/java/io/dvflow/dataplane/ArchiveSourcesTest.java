package io.dvflow.dataplane;

import static org.assertj.core.api.Assertions.assertThat;

import io.dvflow.testbed.http.Fault;
import io.dvflow.testbed.http.FaultServer;
import io.dvflow.testbed.http.Resource;
import io.dvflow.testbed.http.ResourceSpec;
import io.dvflow.testbed.objects.GcsServer;
import io.dvflow.testbed.objects.S3Server;
import io.dvflow.transfer.TransferPlan;
import io.dvflow.transfer.TransferSource;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Archives come from wherever files come from. */
class ArchiveSourcesTest {

    private static final long MIB = 1 << 20;

    @TempDir
    static Path directory;

    private static Path tree;
    private static Path archive;

    private Path volume;

    @BeforeAll
    static void makeArchive() {
        tree = Trees.make(directory.resolve("tree"), 20 * MIB);
        archive = directory.resolve("tree.tar.gz");
        Shell.run("bash", "-ec", "tar --format=posix -C $0 -cf - . | gzip -1 > $1", tree, archive);
    }

    @BeforeEach
    void makeVolume() throws IOException {
        volume = Files.createTempDirectory(directory, "volume");
    }

    @Test
    void fromABucket() throws IOException {
        try (S3Server server = S3Server.start(Files.createDirectory(directory.resolve("s3")), "eu-west-1")) {
            server.put("files", "tree.tar.gz", archive);
            Path secret = S3Rig.secret(
                    directory, Map.of("accessKeyId", S3Server.ACCESS_KEY, "secretKey", S3Server.SECRET_KEY));

            new Rig().complete(plan(S3Rig.source(server.endpoint() + "/files/tree.tar.gz", secret)));

            Trees.assertSame(volume, tree);
        }
    }

    @Test
    void fromABucketOfGoogles() throws IOException {
        try (GcsServer server = GcsServer.startOn("127.0.0.1", Files.createDirectory(directory.resolve("gcs")))) {
            server.createBucket("files");
            server.put("files", "tree.tar.gz", archive);

            new Rig()
                    .complete(plan(
                            new TransferSource.Gcs(server.endpoint() + "/files/tree.tar.gz", Optional.empty(), false)));

            Trees.assertSame(volume, tree);
        }
    }

    @Test
    void fromAMirrorInTheMiddle() {
        try (FaultServer first = FaultServer.start();
                FaultServer second = FaultServer.start()) {
            Resource dying = first.add("/a", ResourceSpec.of(archive).etag("\"1\""));
            Resource mirror = second.add("/b", ResourceSpec.of(archive).etag("\"1\""));
            dying.faults(Fault.status(503).skip(3));

            new Rig()
                    .complete(plan(new TransferSource.Http(
                            first.url("/a"),
                            Optional.empty(),
                            Optional.empty(),
                            List.of(),
                            List.of(),
                            Optional.empty(),
                            true,
                            List.of(second.url("/b")))));

            assertThat(mirror.stats().bodyBytes()).isPositive();
            Trees.assertSame(volume, tree);
        }
    }

    private TransferPlan plan(TransferSource source) {
        return Rig.unpacking(Rig.plan(source, Rig.file(volume), 64 * MIB));
    }
}
