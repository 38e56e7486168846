package io.dvflow.dataplane;

import io.dvflow.transfer.TransferSource;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/** Sources in buckets, and their secrets. */
final class S3Rig {

    private S3Rig() {}

    static TransferSource.S3 anonymous(String url) {
        return new TransferSource.S3(url, Optional.empty(), Optional.empty());
    }

    static TransferSource.S3 source(String url, Path secret) {
        return new TransferSource.S3(url, Optional.of(secret.toString()), Optional.empty());
    }

    /** A mounted secret: a file for each key. */
    static Path secret(Path directory, Map<String, String> keys) {
        try {
            Path secret = Files.createTempDirectory(directory, "secret");
            for (Map.Entry<String, String> key : keys.entrySet()) {
                Files.writeString(secret.resolve(key.getKey()), key.getValue());
            }
            return secret;
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot write a secret into " + directory, e);
        }
    }
}
