package io.dvflow.dataplane.source.gcs;

import io.dvflow.dataplane.source.gcs.CredentialsFile.Format;
import io.dvflow.dataplane.source.gcs.CredentialsFile.Source;
import io.dvflow.dataplane.source.http.HttpApi.Question;
import io.dvflow.dataplane.source.http.HttpUrl;
import io.dvflow.transfer.TransferJson;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Tokens for an identity that the cluster vouches for (workload identity federation): the token in a file is exchanged for
 * one of Google's, RFC 8693, and that for one of a service account if the file names one.
 */
final class FederatedToken implements TokenSource {

    private static final String ALL = "https://www.googleapis.com/auth/cloud-platform";

    private final TokenService service;
    private final String audience;
    private final String tokenType;
    private final HttpUrl tokenUrl;
    private final Path tokenFile;
    private final Optional<Format> format;
    private final Optional<HttpUrl> impersonation;

    FederatedToken(CredentialsFile file, TokenService service) {
        this.service = service;
        this.audience = CredentialsFile.needed(file.audience(), "audience");
        this.tokenType = CredentialsFile.needed(file.subjectTokenType(), "subject_token_type");
        this.tokenUrl = HttpUrl.parse(CredentialsFile.needed(file.tokenUrl(), "token_url"));
        Optional<Source> source = Optional.ofNullable(file.source());
        this.tokenFile = Path.of(CredentialsFile.needed(
                source.map(Source::file).orElse(null),
                "credential_source.file; of the sources of a token only files are supported"));
        this.format = source.map(Source::format);
        this.impersonation = Optional.ofNullable(file.impersonationUrl()).map(HttpUrl::parse);
    }

    @Override
    public AccessToken ask() {
        AccessToken federated = service.exchange(
                tokenUrl,
                Map.of(
                        "grant_type",
                        "urn:ietf:params:oauth:grant-type:token-exchange",
                        "requested_token_type",
                        "urn:ietf:params:oauth:token-type:access_token",
                        "audience",
                        audience,
                        "subject_token_type",
                        tokenType,
                        "subject_token",
                        subjectToken(),
                        "scope",
                        impersonation.isPresent() ? ALL : READ_ONLY),
                audience);
        return impersonation.map(url -> impersonated(url, federated)).orElse(federated);
    }

    @Override
    public String advice() {
        return "Check that the identity in " + CredentialsFile.NAME
                + " of the secret that the source's secretRef names, " + audience + ", may read the object";
    }

    private AccessToken impersonated(HttpUrl url, AccessToken federated) {
        List<String> lines = List.of("Authorization: Bearer " + federated.value(), "Content-Type: application/json");
        String body = TransferJson.write(Map.of("scope", List.of(READ_ONLY)));
        return service.ask(Question.post(url, lines, body), "the service account that " + audience + " acts for");
    }

    private String subjectToken() {
        try {
            String text = Files.readString(tokenFile).strip();
            boolean json = format.map(Format::type).filter("json"::equals).isPresent();
            return json ? fieldOf(text) : text;
        } catch (IOException | IllegalArgumentException e) {
            throw CredentialsFile.unusable("there is no token in " + tokenFile + ", which it names");
        }
    }

    private String fieldOf(String text) {
        String field = CredentialsFile.needed(format.map(Format::field).orElse(null), "subject_token_field_name");
        if (TransferJson.read(text, Map.class).get(field) instanceof String token) {
            return token;
        }
        throw new IllegalArgumentException("no " + field);
    }
}
