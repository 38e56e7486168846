package io.dvflow.dataplane.image;

import io.dvflow.dataplane.report.TransferFailure;
import io.dvflow.dataplane.source.RangeReader;
import io.dvflow.transfer.FailureReason;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Collection;
import java.util.Collections;
import java.util.HexFormat;
import java.util.NavigableMap;
import java.util.TreeMap;

/**
 * Reads the tables of an image, and remembers by their digests what it has read: so that the same bytes can be told from others
 * when all of the source comes in order and is held against a checksum.
 */
public final class ReadTables implements RangeReader {

    private final RangeReader reader;
    private final MessageDigest sha256 = sha256();
    private final NavigableMap<Long, Piece> pieces = new TreeMap<>();
    private long from;
    private long position;
    private long to;

    /**
     * @param reader closed with this one
     * @param first what was read of the beginning before
     */
    public ReadTables(RangeReader reader, byte[] first) {
        this.reader = reader;
        remember(new Piece(0, first.length, sha256.digest(first)));
    }

    /**
     * What was read in one go, of the size of {@link MetadataReader}'s blocks or less.
     *
     * @param sha256 of its bytes
     */
    public record Piece(long from, int length, byte[] sha256) {
        long end() {
            return from + length;
        }
    }

    @Override
    public void start(long first, long end) {
        from = first;
        position = first;
        to = end;
        sha256.reset();
        reader.start(first, end);
    }

    @Override
    public int read(ByteBuffer into) {
        int before = into.position();
        int got = reader.read(into);
        if (got > 0) {
            sha256.update(into.duplicate().flip().position(before));
            position += got;
            if (position == to) {
                remember(new Piece(from, Math.toIntExact(to - from), sha256.digest()));
            }
        }
        return got;
    }

    /** All that has been read until now, ascending. */
    public Collection<Piece> pieces() {
        return Collections.unmodifiableCollection(pieces.values());
    }

    /** Of all that has been read until now, in hexadecimal digits. */
    public String digest() {
        sha256.reset();
        for (Piece piece : pieces.values()) {
            sha256.update(ByteBuffer.allocate(Long.BYTES + Integer.BYTES)
                    .putLong(piece.from)
                    .putInt(piece.length)
                    .flip());
            sha256.update(piece.sha256);
        }
        return HexFormat.of().formatHex(sha256.digest());
    }

    /** Whether the bytes, from {@code offset} on, are those that were read as this piece. */
    public boolean isHeldBy(Piece piece, byte[] bytes, int offset) {
        sha256.reset();
        sha256.update(bytes, offset, piece.length);
        return MessageDigest.isEqual(sha256.digest(), piece.sha256);
    }

    /** That a piece came with other bytes another time. */
    public static TransferFailure changed(Piece piece) {
        return new TransferFailure(
                FailureReason.SOURCE_CHANGED,
                "Unable to process data: bytes " + piece.from + " to " + (piece.end() - 1)
                        + " of the image, in which it says where its disk lies, have come with different contents");
    }

    @Override
    public void close() {
        reader.close();
    }

    private void remember(Piece piece) {
        Piece known = pieces.putIfAbsent(piece.from, piece);
        boolean same =
                known == null || known.length == piece.length && MessageDigest.isEqual(known.sha256, piece.sha256);
        if (!same) {
            throw changed(piece);
        }
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every JVM has SHA-256", e);
        }
    }
}
