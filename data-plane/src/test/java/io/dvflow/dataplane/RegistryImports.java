package io.dvflow.dataplane;

import static org.assertj.core.api.Assertions.assertThat;

import io.dvflow.dataplane.tar.TestTar;
import io.dvflow.transfer.TransferOutcome.Complete;
import io.dvflow.transfer.TransferOutcome.Failed;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;

/** A registry, a disk that belongs into an image there, and a volume to bring it to. */
final class RegistryImports implements AutoCloseable {

    static final int SIZE = 3 << 20;

    final byte[] disk = new byte[SIZE];
    final FaultRegistry registry = new FaultRegistry();
    final Rig rig = new Rig();
    final Path volume;

    RegistryImports(Path directory) throws IOException {
        new Random(23).nextBytes(disk);
        volume = Files.createDirectory(directory.resolve("volume"));
    }

    byte[] diskTar(String name) {
        return new TestTar().directory("disk/").file(name, disk).end();
    }

    Complete complete(String tag) {
        return rig.complete(Rig.plan(registry.source(tag), Rig.file(volume), SIZE));
    }

    Failed failed(String tag) {
        return rig.failed(Rig.plan(registry.source(tag), Rig.file(volume), SIZE));
    }

    void assertDiskArrived() throws IOException {
        assertThat(Files.readAllBytes(volume.resolve("disk.img"))).isEqualTo(disk);
    }

    @Override
    public void close() {
        registry.close();
    }
}
