package io.dvflow.dataplane.copy;

import io.dvflow.dataplane.report.TransferFailure;
import io.dvflow.dataplane.source.SequentialReader;
import io.dvflow.transfer.FailureReason;
import io.dvflow.transfer.Mark;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Map;

/**
 * What the whole source must hash to.
 *
 * @param algorithm as the JVM calls it
 * @param hex lower case
 */
public record Checksum(String algorithm, String hex) {

    private static final Map<String, String> ALGORITHMS =
            Map.of("md5", "MD5", "sha1", "SHA-1", "sha256", "SHA-256", "sha512", "SHA-512");

    /** @param text {@code algorithm:hex} */
    public static Checksum parse(String text) {
        String[] parts = text.strip().split(":", 2);
        String algorithm = ALGORITHMS.get(parts[0].toLowerCase(Locale.ROOT));
        if (algorithm == null || parts.length < 2) {
            throw new TransferFailure(
                    FailureReason.BAD_PLAN,
                    "Expected a checksum 'algorithm:hex' with algorithm md5, sha1, sha256 or sha512, found '" + text
                            + "'");
        }
        String hex = parts[1].toLowerCase(Locale.ROOT);
        int digits = digest(algorithm).getDigestLength() * 2;
        if (!hex.matches("[0-9a-f]{" + digits + "}")) {
            throw new TransferFailure(
                    FailureReason.BAD_PLAN,
                    "Expected a checksum of " + digits + " hexadecimal digits for " + parts[0] + ", found '" + text
                            + "'");
        }
        return new Checksum(algorithm, hex);
    }

    /** A reader that hashes what passes through it. */
    public Hashing hash(SequentialReader reader) {
        return new Hashing(reader, digest(algorithm));
    }

    private static MessageDigest digest(String algorithm) {
        try {
            return MessageDigest.getInstance(algorithm);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every JVM has " + algorithm, e);
        }
    }

    /** See {@link Checksum#hash}. */
    public final class Hashing implements SequentialReader {
        private final SequentialReader reader;
        private final MessageDigest digest;

        private Hashing(SequentialReader reader, MessageDigest digest) {
            this.reader = reader;
            this.digest = digest;
        }

        @Override
        public int read(ByteBuffer into) {
            ByteBuffer seen = into.duplicate();
            int got = reader.read(into);
            if (got > 0) {
                digest.update(seen.limit(seen.position() + got));
            }
            return got;
        }

        /** @throws TransferFailure unless everything that was read hashes to what was expected */
        public void verify() {
            String found = HexFormat.of().formatHex(digest.digest());
            if (!found.equals(hex)) {
                throw new TransferFailure(
                        FailureReason.CHECKSUM_MISMATCH,
                        "Unable to process data: checksum validation failed: checksum mismatch: expected " + algorithm
                                + " " + hex + ", the source has " + found);
            }
        }

        @Override
        public long position() {
            return reader.position();
        }

        @Override
        public Mark mark() {
            return Mark.at(0);
        }

        @Override
        public void close() {
            reader.close();
        }
    }
}
