package io.dvflow.dataplane.source.gcs;

import com.google.gson.annotations.SerializedName;
import io.dvflow.dataplane.report.TransferFailure;
import io.dvflow.transfer.FailureReason;
import io.dvflow.transfer.TransferJson;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The file {@code credentials.json} of a secret, in the three forms in which {@code gcloud} and the console write it. What a
 * form does not have is null.
 *
 * @param tokenUri of the service that exchanges the proof for a token
 * @param source for {@code external_account}: where the cluster's own proof is found
 */
record CredentialsFile(
        String type,
        @SerializedName("token_uri") String tokenUri,
        @SerializedName("client_email") String clientEmail,
        @SerializedName("private_key") String privateKey,
        @SerializedName("private_key_id") String privateKeyId,
        @SerializedName("client_id") String clientId,
        @SerializedName("client_secret") String clientSecret,
        @SerializedName("refresh_token") String refreshToken,
        String audience,
        @SerializedName("subject_token_type") String subjectTokenType,
        @SerializedName("token_url") String tokenUrl,
        @SerializedName("service_account_impersonation_url") String impersonationUrl,
        @SerializedName("credential_source") Source source) {

    static final String NAME = "credentials.json";
    private static final int LARGEST = 64 << 10;

    record Source(String file, Format format) {}

    record Format(
            String type,
            @SerializedName("subject_token_field_name") String field) {}

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
    static String needed(String field, String name) {
        if (field == null || field.isBlank()) {
            throw unusable("it has no " + name);
        }
        return field;
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
            return TransferJson.read(Files.readString(file), CredentialsFile.class);
        } catch (IOException e) {
            throw unusable("it cannot be read (" + e + "). The secret needs the key " + NAME);
        } catch (IllegalArgumentException e) {
            // Its text is not repeated, for it is a secret.
            throw unusable("it is no JSON of the form that gcloud and the console write");
        }
    }
}
