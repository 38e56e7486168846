package io.dvflow.dataplane;

import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

/** A block device full of old data (0xAA), made from a file; needs root. */
final class LoopDevice implements AutoCloseable {

    private final Path device;

    private LoopDevice(Path device) {
        this.device = device;
    }

    static LoopDevice fullOfOldData(Path backing, long bytes) throws IOException {
        assumeLoopDevices();
        byte[] old = new byte[1 << 20];
        Arrays.fill(old, (byte) 0xAA);
        try (OutputStream out = Files.newOutputStream(backing)) {
            for (long left = bytes; left > 0; left -= old.length) {
                out.write(old, 0, (int) Math.min(left, old.length));
            }
        }
        return attach(backing);
    }

    /** For sizes that no disk at hand has. */
    static LoopDevice empty(Path backing, long bytes) {
        assumeLoopDevices();
        Shell.run("truncate", "-s", bytes, backing);
        return attach(backing);
    }

    static void assumeLoopDevices() {
        assumeThat(Files.isWritable(Path.of("/dev/loop-control")))
                .as("loop devices can be made")
                .isTrue();
    }

    private static LoopDevice attach(Path backing) {
        return new LoopDevice(
                Path.of(Shell.run("losetup", "-f", "--show", backing).strip()));
    }

    Path path() {
        return device;
    }

    @Override
    public void close() {
        Shell.run("losetup", "-d", device);
    }
}
