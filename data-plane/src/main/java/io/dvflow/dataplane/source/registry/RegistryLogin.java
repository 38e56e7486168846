package io.dvflow.dataplane.source.registry;

import io.dvflow.dataplane.source.http.HttpApi.Question;
import io.dvflow.dataplane.source.http.HttpUrl;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Optional;

/** Who asks. */
sealed interface RegistryLogin {

    /** How a token is asked for: a GET for everybody but the holder of an identity token. */
    Question tokenQuestion(HttpUrl realm, Optional<String> service, String scope);

    /** Whether there is something in it that may not go astray. */
    default boolean isSecret() {
        return true;
    }

    /** Nobody in particular. */
    record Anonymous() implements RegistryLogin {
        @Override
        public Question tokenQuestion(HttpUrl realm, Optional<String> service, String scope) {
            return Question.get(realm.withQuery(query(service, scope)), List.of());
        }

        @Override
        public boolean isSecret() {
            return false;
        }
    }

    /** A user, or a service account with a key ({@code _json_key}). */
    record Password(String user, String password) implements RegistryLogin {
        @Override
        public Question tokenQuestion(HttpUrl realm, Optional<String> service, String scope) {
            String query = query(service, scope) + "&account=" + encoded(user);
            return Question.get(realm.withQuery(query), List.of(header()));
        }

        String header() {
            byte[] both = (user + ":" + password).getBytes(StandardCharsets.UTF_8);
            return "Authorization: Basic " + Base64.getEncoder().encodeToString(both);
        }

        @Override
        public String toString() {
            return "Password[...]";
        }
    }

    /** What {@code docker login} keeps where passwords are not to be kept: an OAuth 2 refresh token. */
    record IdentityToken(String token) implements RegistryLogin {
        @Override
        public Question tokenQuestion(HttpUrl realm, Optional<String> service, String scope) {
            return Question.post(
                    realm,
                    List.of("Content-Type: application/x-www-form-urlencoded"),
                    "grant_type=refresh_token&client_id=dvflow&refresh_token=" + encoded(token) + "&"
                            + query(service, scope));
        }

        @Override
        public String toString() {
            return "IdentityToken[...]";
        }
    }

    private static String query(Optional<String> service, String scope) {
        return service.map(name -> "service=" + encoded(name) + "&").orElse("") + "scope=" + encoded(scope);
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }
}
