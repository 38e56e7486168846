package io.dvflow.dataplane.checksum;

import io.dvflow.dataplane.report.TransferFailure;
import io.dvflow.dataplane.source.SequentialReader;
import io.dvflow.transfer.FailureReason;
import io.dvflow.transfer.Mark;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Optional;

/** What the whole source must hash to. */
public final class Checksum {

    private final DigestAlgorithm algorithm;
    private final String hex;
    private final boolean isOffered;

    private Checksum(DigestAlgorithm algorithm, String hex, boolean isOffered) {
        this.algorithm = algorithm;
        this.hex = hex;
        this.isOffered = isOffered;
    }

    /** @param text {@code algorithm:hex} */
    public static Checksum parse(String text) {
        String[] parts = text.strip().split(":", 2);
        Optional<DigestAlgorithm> algorithm = DigestAlgorithm.of(parts[0]);
        if (algorithm.isEmpty() || parts.length < 2) {
            throw new TransferFailure(
                    FailureReason.BAD_PLAN,
                    "Expected a checksum 'algorithm:hex' with algorithm md5, sha1, sha256 or sha512, found '" + text
                            + "'");
        }
        String hex = parts[1].toLowerCase(Locale.ROOT);
        int digits = algorithm.get().digestBytes() * 2;
        if (!hex.matches("[0-9a-f]{" + digits + "}")) {
            throw new TransferFailure(
                    FailureReason.BAD_PLAN,
                    "Expected a checksum of " + digits + " hexadecimal digits for " + parts[0] + ", found '" + text
                            + "'");
        }
        return new Checksum(algorithm.get(), hex, false);
    }

    /** What the server, and not the user, says that its bytes hash to: if it is wrong, another attempt may do. */
    public static Checksum offered(String text) {
        Checksum checksum = parse(text);
        return new Checksum(checksum.algorithm, checksum.hex, true);
    }

    /**
     * A reader that hashes what passes through it, and fails at the end unless that hashes to what is expected.
     *
     * @param reader closed with it; opened at {@code from}'s own mark beneath, or anywhere before that
     * @param from where an earlier reader was, if {@link #made} says that the mark can be used
     */
    public Hashing hash(SequentialReader reader, Optional<Mark> from) {
        return new Hashing(this, reader, from.filter(this::made));
    }

    /** Whether a reader with this algorithm made the mark. */
    public boolean made(Mark mark) {
        return Hashing.isMarkOf(algorithm, mark);
    }

    DigestAlgorithm algorithm() {
        return algorithm;
    }

    /** @throws TransferFailure unless it is what is expected */
    void verify(byte[] digest) {
        String found = HexFormat.of().formatHex(digest);
        if (!found.equals(hex) && isOffered) {
            throw new TransferFailure(
                    FailureReason.DIGEST_MISMATCH,
                    "Unable to process data: what came is not what the server says it has: it names "
                            + algorithm.label() + " " + hex + ", what came has " + found
                            + ". Something on the way damages bytes, or the object is damaged: store it again");
        }
        if (!found.equals(hex)) {
            throw new TransferFailure(
                    FailureReason.CHECKSUM_MISMATCH,
                    "Unable to process data: checksum validation failed: checksum mismatch: expected "
                            + algorithm.label() + " " + hex + ", the source has " + found);
        }
    }
}
