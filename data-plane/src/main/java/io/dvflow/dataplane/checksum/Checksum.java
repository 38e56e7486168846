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

    private final Algorithm algorithm;
    private final String hex;
    private final boolean isOffered;

    private Checksum(Algorithm algorithm, String hex, boolean isOffered) {
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
        if (!isResultOf(algorithm.get(), hex)) {
            throw new TransferFailure(
                    FailureReason.BAD_PLAN,
                    "Expected a checksum of " + algorithm.get().digestBytes() * 2 + " hexadecimal digits for "
                            + parts[0] + ", found '" + text + "'");
        }
        return new Checksum(algorithm.get(), hex, false);
    }

    /**
     * What the server, and not the user, says that its bytes hash to: if it is wrong, another attempt may do.
     *
     * @param text {@code algorithm:hex}; also one of {@link CrcAlgorithm}
     * @return empty if that is no checksum that anybody knows
     */
    public static Optional<Checksum> offered(String text) {
        String[] parts = text.split(":", 2);
        Optional<Algorithm> algorithm =
                DigestAlgorithm.of(parts[0]).<Algorithm>map(found -> found).or(() -> CrcAlgorithm.of(parts[0]));
        return algorithm.filter(found -> isResultOf(found, parts[1])).map(found -> new Checksum(found, parts[1], true));
    }

    private static boolean isResultOf(Algorithm algorithm, String hex) {
        return hex.matches("[0-9a-f]{" + algorithm.digestBytes() * 2 + "}");
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

    Algorithm algorithm() {
        return algorithm;
    }

    /** {@code algorithm:hex}. */
    @Override
    public String toString() {
        return algorithm.label() + ":" + hex;
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
