package io.dvflow.dataplane.source.gcs;

import io.dvflow.dataplane.source.http.HttpUrl;
import java.util.Map;
import java.util.Objects;

/** Tokens of a person who has logged in with {@code gcloud auth application-default login}. */
final class UserToken implements TokenSource {

    private static final String USUAL_SERVICE = "https://oauth2.googleapis.com/token";

    private final TokenService service;
    private final HttpUrl tokenUri;
    private final Map<String, String> form;

    UserToken(CredentialsFile file, TokenService service) {
        this.service = service;
        this.tokenUri = HttpUrl.parse(Objects.requireNonNullElse(file.tokenUri(), USUAL_SERVICE));
        this.form = Map.of(
                "grant_type", "refresh_token",
                "client_id", CredentialsFile.needed(file.clientId(), "client_id"),
                "client_secret", CredentialsFile.needed(file.clientSecret(), "client_secret"),
                "refresh_token", CredentialsFile.needed(file.refreshToken(), "refresh_token"));
    }

    @Override
    public AccessToken ask() {
        return service.exchange(tokenUri, form, "the user in " + CredentialsFile.NAME);
    }

    @Override
    public String advice() {
        return "Check that the user whose login is in " + CredentialsFile.NAME
                + " of the secret that the source's secretRef names may read the object";
    }
}
