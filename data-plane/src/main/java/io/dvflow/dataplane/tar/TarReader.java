package io.dvflow.dataplane.tar;

import io.dvflow.dataplane.report.TransferFailure;
import io.dvflow.dataplane.source.SequentialReader;
import io.dvflow.transfer.FailureReason;
import java.nio.ByteBuffer;
import java.util.Optional;

/**
 * The headers of a tar archive one after the other: ustar, with the extensions for long names and large files of GNU tar and
 * of POSIX (pax). Content can be read or passed over. Belongs to one thread; who gave the bytes closes them.
 */
public final class TarReader {

    /** All that may be said about one file beside its header. Names have at most 4096 bytes. */
    private static final int MOST_EXTENSION_BYTES = 1 << 20;

    /** What is written in blocks, to a tape or a device, may be filled up to a large one. */
    private static final long MOST_ZEROS = 64L << 20;

    private static final int SKIP = 256 << 10;
    private static final int SPARSE_BLOCK_CONTINUES = 504;

    private final SequentialReader in;
    private final String archive;
    private final ByteBuffer block = ByteBuffer.allocate(TarEntry.BLOCK);
    private final ByteBuffer skipped = ByteBuffer.allocateDirect(SKIP);
    private long nextAt;
    private boolean endSeen;

    /**
     * @param in at a header
     * @param archive what is read, for messages
     */
    public TarReader(SequentialReader in, String archive) {
        this.in = in;
        this.archive = archive;
        this.nextAt = in.position();
    }

    /**
     * For an archive that is taken up in the content of a file.
     *
     * @param in anywhere in that content, or at its end
     * @param nextAt where the next header is
     */
    public static TarReader within(SequentialReader in, long nextAt, String archive) {
        TarReader reader = new TarReader(in, archive);
        reader.nextAt = nextAt;
        return reader;
    }

    /**
     * The next entry; what is left of the content of the one before is passed over.
     *
     * @return empty at the end of the archive
     */
    public Optional<TarEntry> next() {
        Extensions extensions = new Extensions();
        int extensionBytes = 0;
        while (true) {
            passOver(nextAt - in.position());
            Optional<TarHeader> found = header();
            if (found.isEmpty()) {
                return Optional.empty();
            }
            TarHeader header = found.get();
            passOverSparseMap(header.continues());
            if (!header.isExtension()) {
                TarEntry entry = extensions.applyTo(header, in.position());
                nextAt = entry.endsAt();
                return Optional.of(entry);
            }
            extensionBytes += (int) Math.min(header.size(), MOST_EXTENSION_BYTES) + TarEntry.BLOCK;
            if (extensionBytes > MOST_EXTENSION_BYTES) {
                throw broken(FailureReason.HOSTILE_IMAGE, "has more than a megabyte of extended headers for one file");
            }
            nextAt = in.position() + Math.ceilDiv(header.size(), TarEntry.BLOCK) * TarEntry.BLOCK;
            extensions.add(header, content((int) header.size()));
        }
    }

    /**
     * Reads what follows the last entry. Archives are filled up with zeros to a multiple of something; what is said to be one
     * and has anything else there, or no mark of its end at all, is not whole or not what it seems to be.
     */
    public void readToEnd() {
        if (!endSeen) {
            throw broken(
                    FailureReason.CORRUPT_IMAGE,
                    "ends without the blocks of zeros that an archive ends with. Is it cut short?");
        }
        long from = in.position();
        skipped.clear();
        while (in.read(skipped) >= 0) {
            skipped.flip();
            while (skipped.hasRemaining()) {
                if (skipped.get() != 0) {
                    throw broken(
                            FailureReason.CORRUPT_IMAGE,
                            "goes on behind its end, at byte " + from + ". Remove what was appended to it");
                }
            }
            skipped.clear();
            if (in.position() - from > MOST_ZEROS) {
                throw broken(
                        FailureReason.HOSTILE_IMAGE,
                        "is followed by more than " + MOST_ZEROS + " zeros behind its end, at byte " + from
                                + ". Cut it there");
            }
        }
    }

    /** Two blocks of zeros, or the end of the bytes where a header could be, are the end. */
    private Optional<TarHeader> header() {
        if (!readBlock()) {
            return Optional.empty();
        }
        if (isZero()) {
            endSeen = true;
            if (readBlock() && !isZero()) {
                throw broken(FailureReason.CORRUPT_IMAGE, "goes on behind a block of zeros");
            }
            return Optional.empty();
        }
        return Optional.of(TarHeader.parse(block.array(), what -> broken(FailureReason.CORRUPT_IMAGE, what)));
    }

    /** The map of an old sparse file may go on in blocks between header and content. */
    private void passOverSparseMap(boolean goesOn) {
        boolean more = goesOn;
        while (more) {
            if (!readBlock()) {
                throw broken(FailureReason.CORRUPT_IMAGE, "ends in the middle of a header");
            }
            more = block.get(SPARSE_BLOCK_CONTINUES) != 0;
        }
    }

    private boolean readBlock() {
        block.clear();
        while (block.hasRemaining()) {
            if (in.read(block) < 0) {
                if (block.position() == 0) {
                    return false;
                }
                throw broken(FailureReason.CORRUPT_IMAGE, "ends in the middle of a header");
            }
        }
        return true;
    }

    private boolean isZero() {
        for (byte b : block.array()) {
            if (b != 0) {
                return false;
            }
        }
        return true;
    }

    private byte[] content(int length) {
        ByteBuffer bytes = ByteBuffer.allocate(length);
        while (bytes.hasRemaining()) {
            if (in.read(bytes) < 0) {
                throw broken(FailureReason.CORRUPT_IMAGE, "ends in the middle of an extended header");
            }
        }
        return bytes.array();
    }

    private void passOver(long bytes) {
        long left = bytes;
        while (left > 0) {
            skipped.clear().limit((int) Math.min(SKIP, left));
            int got = in.read(skipped);
            if (got < 0) {
                throw broken(FailureReason.CORRUPT_IMAGE, "ends in the middle of a file");
            }
            left -= got;
        }
    }

    private TransferFailure broken(FailureReason reason, String what) {
        return new TransferFailure(
                reason, "Unable to process data: " + archive + " " + what + ", at byte " + in.position());
    }
}
