package io.dvflow.dataplane.source.http;

import io.dvflow.dataplane.report.TransferFailure;
import io.dvflow.transfer.FailureReason;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * A Secret with a user and a password, as CDI's users have them: one file for each key, mounted into the pod.
 *
 * @param accessKeyId the user, or an access key
 * @param secretKey the password, or a secret key
 * @param sessionToken what belongs to a key pair that is only lent
 */
public record LoginFiles(String accessKeyId, String secretKey, Optional<String> sessionToken) {

    /** @throws TransferFailure if one of the two keys is missing */
    public static LoginFiles read(Path directory) {
        return new LoginFiles(
                secret(directory.resolve("accessKeyId")),
                secret(directory.resolve("secretKey")),
                optional(directory, "sessionToken"));
    }

    /** A key that the secret may have; empty as well where it has it without a value. */
    public static Optional<String> optional(Path directory, String key) {
        Path file = directory.resolve(key);
        return Files.exists(file) ? Optional.of(secret(file)).filter(value -> !value.isBlank()) : Optional.empty();
    }

    /** The value of an {@code Authorization} header. */
    public String basic() {
        return "Basic " + UserHeaders.base64(accessKeyId + ":" + secretKey);
    }

    /** One value of a mounted Secret. */
    static String secret(Path file) {
        try {
            // Secrets made with `echo` or an editor end in a line break that is not part of them.
            return Files.readString(file).replaceAll("[\\r\\n]+$", "");
        } catch (IOException e) {
            throw new TransferFailure(
                    FailureReason.UNAUTHORIZED,
                    "Cannot read " + file.getFileName() + " of the source's secret (" + e
                            + "): the secret named in secretRef needs the keys accessKeyId and secretKey",
                    e);
        }
    }

    /** Not the secrets. */
    @Override
    public String toString() {
        return "LoginFiles[...]";
    }
}
