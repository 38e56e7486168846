package io.dvflow.dataplane;

import static org.assertj.core.api.Assumptions.assumeThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.abort;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.stream.Stream;

/** A block device full of old data (0xAA), made from a file; needs root. */
public final class LoopDevice implements AutoCloseable {

    public static final int LARGE_SECTOR = 8192;

    private final Path device;

    private LoopDevice(Path device) {
        this.device = device;
    }

    public static LoopDevice fullOfOldData(Path backing, long bytes) throws IOException {
        fillWithOldData(backing, bytes);
        return attach(backing);
    }

    /**
     * One that refuses what is not in whole sectors, larger than all that a transfer keeps to: direct writes as well as every
     * way to make a range zero.
     *
     * @param bytes a multiple of {@link #LARGE_SECTOR}
     */
    public static LoopDevice withLargeSectors(Path backing, long bytes) throws IOException {
        fillWithOldData(backing, bytes);
        LoopDevice device;
        try {
            device = attach(backing, "--sector-size", LARGE_SECTOR);
        } catch (IllegalStateException e) {
            return abort("This kernel has no sectors larger than a page: " + e.getMessage());
        }
        // As long as somebody who looks for a free device has it open, its cache goes by smaller blocks, and writes
        // fail.
        await().pollDelay(Duration.ZERO)
                .until(
                        () -> Shell.run("blockdev", "--getbsz", device.path()).strip(),
                        String.valueOf(LARGE_SECTOR)::equals);
        return device;
    }

    private static void fillWithOldData(Path backing, long bytes) throws IOException {
        assumeLoopDevices();
        byte[] old = new byte[1 << 20];
        Arrays.fill(old, (byte) 0xAA);
        try (OutputStream out = Files.newOutputStream(backing)) {
            for (long left = bytes; left > 0; left -= old.length) {
                out.write(old, 0, (int) Math.min(left, old.length));
            }
        }
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

    private static LoopDevice attach(Path backing, Object... options) {
        Stream<Object> command = Stream.of(Stream.of("losetup", "-f", "--show"), Stream.of(options), Stream.of(backing))
                .flatMap(words -> words);
        return new LoopDevice(Path.of(Shell.run(command.toArray()).strip()));
    }

    public Path path() {
        return device;
    }

    @Override
    public void close() {
        Shell.run("losetup", "-d", device);
    }
}
