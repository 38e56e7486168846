package io.dvflow.dataplane;

import java.nio.file.Path;

/** A file system that takes no direct I/O, and has no way to make a range zero; needs root. */
public final class RamFileSystem implements AutoCloseable {

    private final Path directory;

    private RamFileSystem(Path directory) {
        this.directory = directory;
    }

    /** @param directory where it is mounted */
    public static RamFileSystem at(Path directory) {
        LoopDevice.assumeLoopDevices();
        Shell.run("mount", "-t", "ramfs", "ramfs", directory);
        return new RamFileSystem(directory);
    }

    @Override
    public void close() {
        LoopMount.unmount(directory);
    }
}
