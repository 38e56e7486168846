package io.dvflow.dataplane.source.gcs;

import com.google.gson.JsonElement;
import com.google.gson.annotations.SerializedName;
import io.dvflow.dataplane.report.TransferFailure;
import io.dvflow.dataplane.source.http.HttpApi;
import io.dvflow.dataplane.source.http.HttpApi.Answer;
import io.dvflow.dataplane.source.http.HttpApi.Question;
import io.dvflow.dataplane.source.http.HttpUrl;
import io.dvflow.dataplane.source.http.XmlText;
import io.dvflow.transfer.FailureReason;
import io.dvflow.transfer.TransferJson;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;

/** Servers that exchange a proof of who somebody is for an access token. */
final class TokenService {

    private static final long SHORTEST_SECONDS = 60;
    private static final long USUAL_SECONDS = 3600;

    private final HttpApi api;
    private final Clock clock;

    TokenService(HttpApi api, Clock clock) {
        this.api = api;
        this.clock = clock;
    }

    /** RFC 6749 §5, and what Google's service for impersonation says in other words. */
    private record Granted(
            @SerializedName(value = "access_token", alternate = "accessToken")
            String token,

            @SerializedName("expires_in") Long expiresIn,
            Instant expireTime) {}

    /** @param error a word, or an object with the same in words */
    private record Refused(
            JsonElement error,
            @SerializedName("error_description") String description) {
        String inWords() {
            return (error == null || error.isJsonNull() ? "" : ", " + XmlText.tame(word()))
                    + (description == null ? "" : ": " + XmlText.tame(description));
        }

        private String word() {
            return error.isJsonPrimitive() ? error.getAsString() : error.toString();
        }
    }

    Instant now() {
        return clock.instant();
    }

    /** @param whose token it is, for people */
    AccessToken exchange(HttpUrl url, Map<String, String> form, String whose) {
        String body = form.entrySet().stream()
                .map(field -> field.getKey() + "=" + URLEncoder.encode(field.getValue(), StandardCharsets.UTF_8))
                .collect(Collectors.joining("&"));
        return ask(Question.post(url, List.of("Content-Type: application/x-www-form-urlencoded"), body), whose);
    }

    AccessToken ask(Question question, String whose) {
        String doing = "Unable to connect to gcs data source: asking " + question.url() + " for a token of " + whose;
        Answer answer = api.ask(doing, question);
        if (answer.status() != 200) {
            throw new TransferFailure(
                    FailureReason.UNAUTHORIZED,
                    doing + ": status " + answer.status()
                            + read(answer, Refused.class).map(Refused::inWords).orElse("")
                            + ". Check that the account exists and that its key is still valid");
        }
        return read(answer, Granted.class)
                .filter(granted -> granted.token != null && granted.token.matches("[\\x21-\\x7e]+"))
                .map(granted -> new AccessToken(granted.token, expiry(granted)))
                .orElseThrow(() -> new TransferFailure(
                        FailureReason.REFUSED_BY_SERVER, doing + ": there is no token in the answer"));
    }

    private Instant expiry(Granted granted) {
        if (granted.expireTime != null) {
            return granted.expireTime;
        }
        long seconds = Objects.requireNonNullElse(granted.expiresIn, USUAL_SECONDS);
        return clock.instant().plusSeconds(Math.max(SHORTEST_SECONDS, seconds));
    }

    private static <T> Optional<T> read(Answer answer, Class<T> type) {
        try {
            return Optional.of(TransferJson.read(answer.text(), type));
        } catch (IllegalArgumentException e) {
            // Its text is not repeated: it may hold half of a token.
            return Optional.empty();
        }
    }
}
