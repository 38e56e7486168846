package io.dvflow.dataplane.source.gcs;

import io.dvflow.dataplane.report.TransferFailure;
import io.dvflow.dataplane.source.http.Credentials;
import io.dvflow.dataplane.source.http.HttpUrl;
import io.dvflow.dataplane.source.http.Refusal;
import io.dvflow.dataplane.source.http.ResponseHead;
import io.dvflow.dataplane.source.http.StoreError;
import io.dvflow.transfer.FailureReason;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Shows the server that the user named, and no other, a token; where one is only a second choice, when it is asked for. */
final class GcsCredentials implements Credentials {

    /** 16 bytes in base64. */
    private static final Pattern MD5 = Pattern.compile("(?:^|[,\\s])md5=([A-Za-z0-9+/]{21}[AQgw]==)(?:$|[,\\s])");

    /** Tokens are exchanged this long before they run out: a request that is under way must still be served. */
    private static final Duration EARLY = Duration.ofMinutes(4);

    private final HttpUrl named;
    private final Optional<TokenSource> tokens;
    private final Supplier<Instant> now;
    private boolean showToken;
    private Optional<AccessToken> token = Optional.empty();
    private long renewedAt = System.nanoTime();

    private GcsCredentials(HttpUrl named, Optional<TokenSource> tokens, Supplier<Instant> now, boolean showToken) {
        this.named = named;
        this.tokens = tokens;
        this.now = now;
        this.showToken = showToken;
    }

    static GcsCredentials of(HttpUrl named, TokenSource tokens, Supplier<Instant> now) {
        return new GcsCredentials(named, Optional.of(tokens), now, true);
    }

    /** What everybody may read is read by nobody in particular; only what is refused is asked for with a token. */
    static GcsCredentials anonymousFirst(HttpUrl named, Optional<TokenSource> tokens, Supplier<Instant> now) {
        return new GcsCredentials(named, tokens, now, false);
    }

    @Override
    public synchronized List<String> headerLines(HttpUrl url) {
        if (!showToken || tokens.isEmpty() || !url.sameServer(named)) {
            return List.of();
        }
        if (token.filter(this::isFresh).isEmpty()) {
            token = Optional.of(tokens.get().ask());
        }
        return List.of("Authorization: Bearer " + token.get().value());
    }

    @Override
    public synchronized boolean renew(HttpUrl url, Refusal refusal) {
        boolean curable = refusal.status() == 401 || refusal.status() == 403 && !showToken;
        boolean renewedSince = renewedAt - refusal.askedAt() > 0;
        if (tokens.isEmpty() || !curable && !renewedSince) {
            return false;
        }
        if (!renewedSince) {
            showToken = true;
            token = Optional.of(tokens.get().ask());
            renewedAt = System.nanoTime();
        }
        return refusal.reason().equals(Optional.of(FailureReason.UNAUTHORIZED));
    }

    @Override
    public void judge(HttpUrl url, Refusal refusal) {
        Optional<FailureReason> reason = refusal.reason();
        if (reason.isPresent()) {
            String advice = switch (reason.get()) {
                case NOT_FOUND -> ". Check bucket and key in the URL of the source";
                case UNAUTHORIZED -> ". " + advice(refusal.status());
                default -> "";
            };
            throw new TransferFailure(
                    reason.get(),
                    refusal.inWords("gcs", url) + StoreError.in(refusal.text()).inWords() + advice);
        }
    }

    /** {@code x-goog-hash: crc32c=..., md5=...}; composed objects have no MD5. */
    @Override
    public Optional<String> offeredChecksum(ResponseHead head) {
        return head.header("x-goog-hash")
                .map(MD5::matcher)
                .filter(Matcher::find)
                .map(found ->
                        "md5:" + HexFormat.of().formatHex(Base64.getDecoder().decode(found.group(1))));
    }

    @Override
    public String advice(int status) {
        return tokens.map(TokenSource::advice)
                .orElse("The source was asked without credentials. Name a secret with " + CredentialsFile.NAME
                        + " in its secretRef, or let everybody read the object");
    }

    private boolean isFresh(AccessToken held) {
        return now.get().isBefore(held.expiry().minus(EARLY));
    }
}
