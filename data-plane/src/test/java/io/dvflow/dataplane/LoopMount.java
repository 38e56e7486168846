package io.dvflow.dataplane;

import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.time.Duration;
import java.util.stream.Stream;

/** A small file system of its own, made in a file; needs root. */
final class LoopMount implements AutoCloseable {

    private final Path directory;

    private LoopMount(Path directory) {
        this.directory = directory;
    }

    /**
     * @param maker the mkfs command, to which the file's name is added
     * @param directory where it is mounted
     */
    static LoopMount of(Path backing, int mebibytes, Path directory, String... maker) {
        LoopDevice.assumeLoopDevices();
        Shell.run("truncate", "-s", mebibytes + "M", backing);
        Shell.run(Stream.concat(Stream.of(maker), Stream.of(backing)).toArray());
        Shell.run("mount", "-o", "loop", backing, directory);
        return new LoopMount(directory);
    }

    @Override
    public void close() {
        unmount(directory);
    }

    /** Whoever looks at the mounts of a machine keeps one busy for a moment; what the program left open stays open. */
    static void unmount(Path directory) {
        await().pollDelay(Duration.ZERO)
                .ignoreExceptionsMatching(e -> e.getMessage().contains("target is busy"))
                .untilAsserted(() -> Shell.run("umount", directory));
    }
}
