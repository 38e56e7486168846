package io.dvflow.dataplane.source.gcs;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.dvflow.dataplane.report.TransferFailure;
import io.dvflow.dataplane.source.Documents;
import io.dvflow.transfer.FailureReason;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * The file {@code credentials.json} of a secret, in the three forms in which {@code gcloud} and the console write it.
 *
 * @param tokenUri of the service that exchanges the proof for a token
 * @param source for {@code external_account}: where the cluster's own proof is found
 */
record CredentialsFile(
        String type,
        @JsonProperty("token_uri") Optional<String> tokenUri,
        @JsonProperty("client_email") Optional<String> clientEmail,
        @JsonProperty("private_key") Optional<String> privateKey,
        @JsonProperty("private_key_id") Optional<String> privateKeyId,
        @JsonProperty("client_id") Optional<String> clientId,
        @JsonProperty("client_secret") Optional<String> clientSecret,
        @JsonProperty("refresh_token") Optional<String> refreshToken,
        @JsonProperty("audience") Optional<String> audience,
        @JsonProperty("subject_token_type") Optional<String> subjectTokenType,
        @JsonProperty("token_url") Optional<String> tokenUrl,
        @JsonProperty("service_account_impersonation_url") Optional<String> impersonationUrl,
        @JsonProperty("credential_source") Optional<Source> source) {

    static final String NAME = "credentials.json";
    private static final int LARGEST = 64 << 10;

    record Source(Optional<String> file, Optional<Format> format) {}

    record Format(
            Optional<String> type,
            @JsonProperty("subject_token_field_name") Optional<String> field) {}

    /** @throws TransferFailure if there is none, or none that this release knows to use */
    static TokenSource read(Path secret, TokenService service) {
        CredentialsFile file = parse(secret.resolve(NAME));
        return switch (file.type == null ? "" : file.type) {
            case "service_account" -> new ServiceAccountToken(file, service);
            case "authorized_user" -> new UserToken(file, service);
            case "external_account" -> new FederatedToken(file, service);
            default ->
                throw unusable("its type is '" + file.type
                        + "', expected service_account, authorized_user or external_account");
        };
    }

    /** A field that a file of this type must have. */
    static String needed(Optional<String> field, String name) {
        return field.filter(value -> !value.isBlank()).orElseThrow(() -> unusable("it has no " + name));
    }

    static TransferFailure unusable(String why) {
        return new TransferFailure(
                FailureReason.UNAUTHORIZED,
                "Unable to connect to gcs data source: cannot use " + NAME + " of the secret that the source's"
                        + " secretRef names: " + why);
    }

    /** Not the secrets. */
    @Override
    public String toString() {
        return "CredentialsFile[" + type + "]";
    }

    private static CredentialsFile parse(Path file) {
        try {
            if (Files.size(file) > LARGEST) {
                throw unusable("it is larger than " + LARGEST + " bytes");
            }
            return Documents.read(Files.readString(file), CredentialsFile.class);
        } catch (IOException e) {
            throw unusable("it cannot be read (" + e + "). The secret needs the key " + NAME);
        } catch (IllegalArgumentException e) {
            // Its text is not repeated, for it is a secret.
            throw unusable("it is no JSON of the form that gcloud and the console write");
        }
    }
}
