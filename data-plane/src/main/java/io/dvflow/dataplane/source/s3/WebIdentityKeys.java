package io.dvflow.dataplane.source.s3;

import io.dvflow.dataplane.report.TransferFailure;
import io.dvflow.dataplane.source.http.HttpAccess;
import io.dvflow.dataplane.source.http.HttpApi;
import io.dvflow.dataplane.source.http.HttpApi.Answer;
import io.dvflow.dataplane.source.http.HttpApi.Question;
import io.dvflow.dataplane.source.http.HttpUrl;
import io.dvflow.dataplane.source.http.XmlText;
import io.dvflow.transfer.FailureReason;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Keys that AWS lends to the pod's service account: the cloud's webhook mounts a token and names a role, and the token
 * service gives keys for them (IAM roles for service accounts).
 */
final class WebIdentityKeys implements KeySource {

    /** Keys are exchanged this long before they run out: a request that is under way must still be served. */
    private static final Duration EARLY = Duration.ofMinutes(5);

    private static final String DOING = "Unable to connect to s3 data source: asking the token service ";

    private final HttpApi api;
    private final Clock clock;
    private final HttpUrl tokenService;
    private final String role;
    private final Path tokenFile;
    private final String session;
    private AwsKeys keys;
    private long renewedAt = System.nanoTime();

    private WebIdentityKeys(HttpApi api, Clock clock, HttpUrl tokenService, Map<String, String> environment) {
        this.api = api;
        this.clock = clock;
        this.tokenService = tokenService;
        this.role = environment.get("AWS_ROLE_ARN");
        this.tokenFile = Path.of(environment.get("AWS_WEB_IDENTITY_TOKEN_FILE"));
        this.session = environment.getOrDefault("AWS_ROLE_SESSION_NAME", "dvflow");
    }

    /**
     * @param environment as the cloud's webhook sets it
     * @param aws whether the image lies at AWS; another server has no use for AWS's keys, unless a token service of its
     *     own is named
     * @return empty where the pod has no such identity
     */
    static Optional<WebIdentityKeys> of(HttpAccess access, Clock clock, Map<String, String> environment, boolean aws) {
        boolean given = environment.containsKey("AWS_ROLE_ARN")
                && environment.containsKey("AWS_WEB_IDENTITY_TOKEN_FILE")
                && (aws || environment.containsKey("AWS_ENDPOINT_URL_STS"));
        return given
                ? Optional.of(new WebIdentityKeys(new HttpApi(access), clock, tokenService(environment), environment))
                : Optional.empty();
    }

    @Override
    public synchronized Optional<AwsKeys> keys() {
        if (keys == null || keys.expiry().filter(this::isNear).isPresent()) {
            borrow();
        }
        return Optional.of(keys);
    }

    @Override
    public synchronized boolean renew(long askedAt) {
        if (renewedAt - askedAt < 0) {
            borrow();
            renewedAt = System.nanoTime();
        }
        return true;
    }

    @Override
    public String advice() {
        return "Check that role " + role
                + " may read the object, or name a secret with accessKeyId and secretKey in the"
                + " source's secretRef";
    }

    /** Regional unless the old, global one is asked for, as AWS's own clients have it. */
    static HttpUrl tokenService(Map<String, String> environment) {
        Optional<String> named = Optional.ofNullable(environment.get("AWS_ENDPOINT_URL_STS"));
        Optional<String> region = Optional.ofNullable(environment.get("AWS_REGION"))
                .or(() -> Optional.ofNullable(environment.get("AWS_DEFAULT_REGION")))
                .filter(text -> text.matches(AwsHost.REGION))
                .filter(text -> !"legacy".equals(environment.get("AWS_STS_REGIONAL_ENDPOINTS")));
        return HttpUrl.parse(named.or(() -> region.map(
                        text -> "https://sts." + text + ".amazonaws.com" + (text.startsWith("cn-") ? ".cn" : "") + "/"))
                .orElse("https://sts.amazonaws.com/"));
    }

    private boolean isNear(Instant expiry) {
        return clock.instant().isAfter(expiry.minus(EARLY));
    }

    private void borrow() {
        String body = "Action=AssumeRoleWithWebIdentity&Version=2011-06-15&RoleArn=" + encoded(role)
                + "&RoleSessionName=" + encoded(session) + "&WebIdentityToken=" + encoded(token());
        Answer answer = api.ask(
                DOING + tokenService,
                Question.post(tokenService, List.of("Content-Type: application/x-www-form-urlencoded"), body));
        keys = answer.status() == 200 ? keys(answer.text()) : refused(answer);
    }

    private AwsKeys keys(String xml) {
        Optional<String> id = XmlText.of(xml, "AccessKeyId");
        Optional<String> secret = XmlText.of(xml, "SecretAccessKey");
        if (id.isEmpty() || secret.isEmpty()) {
            throw new TransferFailure(
                    FailureReason.REFUSED_BY_SERVER, DOING + tokenService + ": there are no keys in its answer");
        }
        return new AwsKeys(
                id.get(),
                secret.get(),
                XmlText.of(xml, "SessionToken"),
                XmlText.of(xml, "Expiration").flatMap(WebIdentityKeys::instant));
    }

    private AwsKeys refused(Answer answer) {
        S3Error error = S3Error.in(answer.text());
        boolean passes = error.is("IDPCommunicationError");
        throw new TransferFailure(
                passes ? FailureReason.SERVER_ERROR : FailureReason.UNAUTHORIZED,
                DOING + tokenService + " for the keys of role " + role + ": status " + answer.status() + error.inWords()
                        + ". Check that the role trusts the service account of the DataVolume");
    }

    private String token() {
        try {
            return Files.readString(tokenFile).strip();
        } catch (IOException e) {
            throw new TransferFailure(
                    FailureReason.UNAUTHORIZED,
                    "Unable to connect to s3 data source: cannot read the token of the service account in " + tokenFile
                            + " (" + e + "). It is mounted by the cloud's webhook",
                    e);
        }
    }

    private static Optional<Instant> instant(String text) {
        try {
            return Optional.of(Instant.parse(text));
        } catch (DateTimeException e) {
            // Without it, the keys are exchanged when they are refused.
            return Optional.empty();
        }
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }
}
