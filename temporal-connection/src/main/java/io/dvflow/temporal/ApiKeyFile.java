package io.dvflow.temporal;

import io.grpc.Status;
import io.temporal.authorization.AuthorizationTokenSupplier;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/**
 * An API key in a file, as a Secret is mounted. Read for each call: a key that is renewed is used without a restart.
 * Only the path is ever shown.
 */
record ApiKeyFile(Path path) implements AuthorizationTokenSupplier {

    static final String VARIABLE = "DVFLOW_TEMPORAL_API_KEY_FILE";

    /** @throws IllegalStateException when the environment holds a key of its own as well */
    static Optional<ApiKeyFile> named(Map<String, String> environment) {
        Optional<ApiKeyFile> file = Optional.ofNullable(environment.get(VARIABLE))
                .filter(name -> !name.isBlank())
                .map(Path::of)
                .map(ApiKeyFile::new);
        if (file.isPresent() && environment.containsKey("TEMPORAL_API_KEY")) {
            throw new IllegalStateException("Both TEMPORAL_API_KEY and " + VARIABLE
                    + " are set, and only one key can be sent to Temporal: remove one of the two");
        }
        return file;
    }

    @Override
    public String supply() {
        try {
            String key = Files.readString(path).strip();
            if (!key.isEmpty()) {
                return key;
            }
        } catch (IOException e) {
            throw unusable("cannot be read (" + e + ")");
        }
        throw unusable("is empty");
    }

    private RuntimeException unusable(String why) {
        return Status.UNAUTHENTICATED
                .withDescription("the file " + path + ", which " + VARIABLE + " names as that of the API key, " + why)
                .asRuntimeException();
    }
}
