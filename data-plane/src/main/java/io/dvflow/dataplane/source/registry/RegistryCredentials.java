package io.dvflow.dataplane.source.registry;

import com.google.gson.annotations.SerializedName;
import io.dvflow.dataplane.report.Shown;
import io.dvflow.dataplane.report.TransferFailure;
import io.dvflow.dataplane.source.http.Credentials;
import io.dvflow.dataplane.source.http.HttpApi;
import io.dvflow.dataplane.source.http.HttpApi.Answer;
import io.dvflow.dataplane.source.http.HttpUrl;
import io.dvflow.dataplane.source.http.ResponseHead;
import io.dvflow.transfer.FailureReason;
import io.dvflow.transfer.TransferJson;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * What a registry wants to see: nothing, a login, or a token that another server gives for one. For the registry's own eyes:
 * where it redirects to, storage mostly, nothing of it is sent.
 *
 * <p>What the registry wants is asked once, of the registry itself. A challenge in a later answer is never followed: that
 * could come from wherever a redirect led, and would send the login there.
 */
final class RegistryCredentials implements Credentials {

    private static final String DOING = "Unable to process data: failed to pull image: ";
    private static final int SECONDS_OF_SILENT_TOKENS = 60;
    /** A token is not used in the last part of its life, 1/8 of it: a request takes its time to arrive. */
    private static final int MARGIN = 8;

    private final ImageReference image;
    private final HttpUrl registry;
    private final Optional<AuthChallenge> challenge;
    private final LoginSecret secret;
    private final HttpApi api;
    private Optional<Token> token = Optional.empty();

    private record Token(String value, long staleAtNanos) {}

    /** As token servers answer; one of the two names is there. */
    private record TokenAnswer(
            String token,
            @SerializedName("access_token") String accessToken,
            @SerializedName("expires_in") Long expiresIn) {}

    /** @param challenge empty where the registry asks for nothing */
    RegistryCredentials(
            ImageReference image,
            HttpUrl registry,
            Optional<AuthChallenge> challenge,
            LoginSecret secret,
            HttpApi api) {
        this.image = image;
        this.registry = registry;
        this.challenge = challenge;
        this.secret = secret;
        this.api = api;
    }

    @Override
    public List<String> headerLines(HttpUrl url) {
        if (challenge.isEmpty() || !url.sameServer(registry)) {
            return List.of();
        }
        return switch (challenge.get().scheme()) {
            case "bearer" -> List.of("Authorization: Bearer " + token(challenge.get()));
            case "basic" ->
                secret.login() instanceof RegistryLogin.Password login ? List.of(login.header()) : List.of();
            default -> List.of();
        };
    }

    /** A token may have been taken back before its time; a password stays what it is. */
    @Override
    public synchronized boolean renew(HttpUrl url, ResponseHead refusal) {
        boolean had = token.isPresent();
        token = Optional.empty();
        return had;
    }

    @Override
    public String advice(int status) {
        return "Check that " + image + " exists and that the login may pull it; " + secret.account();
    }

    private synchronized String token(AuthChallenge bearer) {
        if (token.filter(known -> System.nanoTime() - known.staleAtNanos() < 0).isEmpty()) {
            token = Optional.of(fetch(bearer));
        }
        return token.get().value();
    }

    private Token fetch(AuthChallenge bearer) {
        HttpUrl realm = realm(bearer);
        // The registry may name a scope of its own for its root; what is wanted is to pull this one image.
        String scope = "repository:" + image.repository() + ":pull";
        Answer answer = api.ask(
                DOING + image + ": asking " + realm + " for a token",
                secret.login().tokenQuestion(realm, bearer.parameter("service"), scope));
        if (answer.status() == 401 || answer.status() == 403) {
            throw new TransferFailure(
                    FailureReason.UNAUTHORIZED,
                    DOING + image + ": the token server " + realm + " answered " + answer.status() + " "
                            + Shown.text(answer.head().reason()) + ". " + advice(answer.status()));
        }
        if (answer.status() != 200) {
            throw noToken(realm, "status " + answer.status());
        }
        return read(realm, answer);
    }

    private Token read(HttpUrl realm, Answer answer) {
        TokenAnswer given;
        try {
            given = TransferJson.read(answer.text(), TokenAnswer.class);
        } catch (IllegalArgumentException e) {
            // The exception's text repeats the answer, which may hold a token.
            throw noToken(realm, "something that is not its JSON");
        }
        String value = given.token() == null || given.token().isEmpty() ? given.accessToken() : given.token();
        if (value == null || !value.matches("[!-~]+")) {
            throw noToken(realm, "JSON without a token");
        }
        long seconds = given.expiresIn() == null || given.expiresIn() <= 0
                ? SECONDS_OF_SILENT_TOKENS
                : Math.min(given.expiresIn(), Duration.ofDays(1).toSeconds());
        long life = Duration.ofSeconds(seconds).toNanos();
        return new Token(value, System.nanoTime() + life - life / MARGIN);
    }

    private HttpUrl realm(AuthChallenge bearer) {
        HttpUrl realm = HttpUrl.parse(bearer.parameter("realm")
                .orElseThrow(() -> new TransferFailure(
                        FailureReason.REFUSED_BY_SERVER,
                        DOING + image + ": the registry wants a token and does not say where to get one")));
        if (secret.login().isSecret() && registry.isTls() && !realm.isTls()) {
            throw new TransferFailure(
                    FailureReason.REFUSED_BY_SERVER,
                    DOING + image + ": the registry is reached by https and wants the login sent to " + realm
                            + " without encryption; it is not sent. Make the registry name an https realm");
        }
        return realm;
    }

    private TransferFailure noToken(HttpUrl realm, String found) {
        return new TransferFailure(
                FailureReason.REFUSED_BY_SERVER,
                DOING + image + ": expected a token from " + realm + ", found " + found);
    }
}
