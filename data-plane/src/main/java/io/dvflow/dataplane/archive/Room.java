package io.dvflow.dataplane.archive;

import io.dvflow.dataplane.report.TransferFailure;
import io.dvflow.dataplane.tar.TarEntry;
import io.dvflow.transfer.FailureReason;

/**
 * How much of an archive a claim takes. What does not fit is refused before it is written: a file system that is shared by
 * many claims would take more, at the others' cost.
 */
final class Room {

    /** File systems have one inode for so many bytes at most, and usually for eight times as many. */
    private static final long BYTES_FOR_AN_ENTRY = 2048;

    private static final long FEWEST_ENTRIES = 1024;

    private final long limit;
    private final long atLeast;
    private long bytes;
    private long entries;

    /**
     * @param limit bytes that may be unpacked, those included that have been
     * @param atLeast bytes that the archive is known to hold
     */
    Room(long limit, long atLeast, Used used) {
        this.limit = limit;
        this.atLeast = atLeast;
        this.bytes = used.bytes();
        this.entries = used.entries();
    }

    /** @throws TransferFailure with the numbers, if there is no room for another one */
    void take(TarEntry entry) {
        EntryTrouble trouble = new EntryTrouble(entry);
        if (entries >= mostEntries()) {
            throw tooSmall("it has more than the " + mostEntries()
                    + " files, directories and links that a volume of " + limit + " bytes takes, " + trouble.name()
                    + " being the next");
        }
        if (entry.size() > limit - bytes) {
            throw tooSmall(trouble.name() + " of " + entry.size() + " bytes does not fit beside the " + bytes
                    + " that are unpacked already");
        }
        if (entry.kind() != TarEntry.Kind.DIRECTORY) {
            entries++;
        }
        bytes += entry.size();
    }

    /** Directories are counted as they are made: not all of them are entries, and some are entries again and again. */
    void takeDirectories(long made) {
        entries += made;
    }

    /** For a file that another one takes the place of. */
    void giveBack(long freed) {
        bytes = Math.max(0, bytes - freed);
    }

    Used used() {
        return new Used(bytes, entries);
    }

    /** The file system has less room than it said, or fewer inodes. */
    TransferFailure exhausted(TransferFailure failure) {
        return new TransferFailure(
                failure.reason(),
                failure.getMessage() + ". " + bytes + " bytes in " + entries
                        + " files, directories and links were unpacked by then; at least " + needed()
                        + " are needed, plus file system overhead",
                failure);
    }

    /** @throws TransferFailure with the numbers, if the archive is known not to fit */
    static void check(long atLeast, long limit) {
        if (atLeast > limit) {
            throw new Room(limit, atLeast, Used.NOTHING)
                    .tooSmall("it is " + atLeast + " bytes long when it is unpacked");
        }
    }

    private TransferFailure tooSmall(String why) {
        return new TransferFailure(
                FailureReason.TOO_SMALL,
                "Unable to process data: DataVolume too small to contain image: the archive is larger than the reported"
                        + " available storage " + limit + ": " + why + ". A larger PVC is required: request at least "
                        + needed() + " bytes (plus file system overhead)");
    }

    private long needed() {
        return Math.max(Math.max(atLeast, limit + 1), entries * BYTES_FOR_AN_ENTRY);
    }

    private long mostEntries() {
        return Math.max(FEWEST_ENTRIES, limit / BYTES_FOR_AN_ENTRY);
    }
}
