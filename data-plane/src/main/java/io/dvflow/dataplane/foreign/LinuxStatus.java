package io.dvflow.dataplane.foreign;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Instant;

/**
 * What Linux knows of a name.
 *
 * @param inode what has the name; another file may have it once this one is gone
 * @param mode permissions with the bits beside them, 0 to 07777
 * @param links how many names it has
 * @param size in bytes
 * @param modified when its content was changed
 */
public record LinuxStatus(Kind kind, long inode, int mode, int links, long size, Instant modified) {

    /** Only as fine as needed. */
    public enum Kind {
        FILE,
        DIRECTORY,
        OTHER
    }

    /** Of {@code struct statx}, which is the same on all machines. */
    static final int BYTES = 256;

    /** Type, mode, links, time of change, inode, size. */
    static final int WANTED = 0x1 | 0x2 | 0x4 | 0x40 | 0x100 | 0x200;

    private static final int LINKS = 16;
    private static final int MODE = 28;
    private static final int INODE = 32;
    private static final int SIZE = 40;
    private static final int MODIFIED = 112;
    private static final int KIND_BITS = 0170000;
    private static final int DIRECTORY = 0040000;
    private static final int FILE = 0100000;
    private static final int PERMISSIONS = 07777;

    static LinuxStatus of(byte[] statx) {
        ByteBuffer found = ByteBuffer.wrap(statx).order(ByteOrder.nativeOrder());
        int mode = found.getShort(MODE);
        Kind kind = switch (mode & KIND_BITS) {
            case DIRECTORY -> Kind.DIRECTORY;
            case FILE -> Kind.FILE;
            default -> Kind.OTHER;
        };
        return new LinuxStatus(
                kind,
                found.getLong(INODE),
                mode & PERMISSIONS,
                found.getInt(LINKS),
                found.getLong(SIZE),
                Instant.ofEpochSecond(found.getLong(MODIFIED), found.getInt(MODIFIED + Long.BYTES)));
    }

    public boolean isFile() {
        return kind == Kind.FILE;
    }

    public boolean isDirectory() {
        return kind == Kind.DIRECTORY;
    }
}
