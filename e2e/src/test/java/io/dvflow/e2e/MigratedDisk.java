package io.dvflow.e2e;

import io.dvflow.e2e.TestCluster.Command;
import io.dvflow.testbed.hypervisors.StandInVSphere.Area;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A disk of a machine that runs on: three snapshots of it, each a few changes from the one before, some of them to zeros. */
final class MigratedDisk {

    private static final int KIB = 1 << 10;
    private static final int MIB = 1 << 20;

    private final SourceImages images;
    private final long bytes;
    private final List<Path> states = new ArrayList<>();
    private final List<List<Area>> changes = new ArrayList<>();

    /**
     * @param bytes of the disk, at least 32 MiB
     * @param seed of what its first snapshot holds
     */
    MigratedDisk(SourceImages images, long bytes, long seed) {
        this.images = images;
        this.bytes = bytes;
        states.add(images.make("qcow2", bytes, seed));
        changes.add(List.of());
        addState(
                List.of("write -P 0x5a 5M 192K", "write -z 16M 1M"),
                new Area(5 * MIB, 192 * KIB),
                new Area(16 * MIB, MIB));
        addState(
                List.of("write -P 0x77 5184K 64K", "write -P 0x78 30M 512K"),
                new Area(5184 * KIB, 64 * KIB),
                new Area(30 * MIB, 512 * KIB));
    }

    long bytes() {
        return bytes;
    }

    /** The first snapshot is number 1; those after it are layers above. */
    Path layer(int snapshot) {
        return states.get(snapshot - 1);
    }

    /** Everything that a snapshot holds. */
    Path raw(int snapshot) {
        return images.expected(layer(snapshot), bytes);
    }

    /** What is different from the one before. */
    List<Area> changes(int snapshot) {
        return changes.get(snapshot - 1);
    }

    /** The name of the file with what a volume must hold that is as large as asked for. */
    String expected(int snapshot, long volumeBytes) {
        return images.expected(layer(snapshot), volumeBytes).getFileName().toString();
    }

    private void addState(List<String> writes, Area... areas) {
        Path before = states.getLast();
        Path layer = images.directory().resolve("layer-" + (states.size() + 1) + ".qcow2");
        Command.run(
                "qemu-img", "create", "-q", "-f", "qcow2", "-F", "qcow2", "-b", before.toString(), layer.toString());
        for (String write : writes) {
            Command.run("qemu-io", "-f", "qcow2", "-c", write, layer.toString());
        }
        states.add(layer);
        changes.add(List.of(areas));
    }
}
