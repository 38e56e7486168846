package io.dvflow.dataplane.source.registry;

import io.dvflow.dataplane.report.Shown;
import io.dvflow.dataplane.report.TransferFailure;
import io.dvflow.transfer.FailureReason;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;

/**
 * What a registry calls content by: the hash of its bytes.
 *
 * @param algorithm {@code sha256} or {@code sha512}
 * @param hex lower case, as long as the algorithm's hashes are
 */
record ContentDigest(String algorithm, String hex) {

    private static final Map<String, String> ALGORITHMS = Map.of("sha256", "SHA-256", "sha512", "SHA-512");

    /** @throws TransferFailure unless the text is {@code algorithm:hex} of an algorithm that is safe today */
    static ContentDigest parse(String text, String where) {
        String[] parts = String.valueOf(text).split(":", 2);
        if (parts.length == 2 && ALGORITHMS.containsKey(parts[0])) {
            int digits = begin(parts[0]).getDigestLength() * 2;
            if (parts[1].matches("[0-9a-f]{" + digits + "}")) {
                return new ContentDigest(parts[0], parts[1]);
            }
        }
        throw new TransferFailure(
                FailureReason.HOSTILE_IMAGE,
                "Unable to process data: expected a digest 'sha256:' or 'sha512:' with lower case hexadecimal digits in "
                        + where + ", found '" + Shown.text(text) + "'");
    }

    /** @throws TransferFailure with {@link FailureReason#DIGEST_MISMATCH} unless it is the hash of these bytes */
    void check(byte[] content, String what) {
        String found = HexFormat.of().formatHex(begin(algorithm).digest(content));
        if (!found.equals(hex)) {
            throw new TransferFailure(
                    FailureReason.DIGEST_MISMATCH,
                    "Unable to process data: " + what + " is not what its digest says: expected " + this + ", found "
                            + algorithm + ":" + found
                            + ". The registry, or a proxy or mirror before it, serves damaged bytes: push the image again");
        }
    }

    private static MessageDigest begin(String algorithm) {
        try {
            return MessageDigest.getInstance(ALGORITHMS.get(algorithm));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every JVM has " + algorithm, e);
        }
    }

    @Override
    public String toString() {
        return algorithm + ":" + hex;
    }
}
