package io.dvflow.dataplane.source.http;

import io.dvflow.dataplane.report.TransferFailure;
import io.dvflow.transfer.FailureReason;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Optional;

/** What a status means for the transfer. */
final class HttpStatus {

    private HttpStatus() {}

    /** Statuses that a fresh redirect may cure. */
    static boolean isRefusal(int status) {
        return status == 400 || status == 401 || status == 403 || status == 404 || status == 410;
    }

    /** Statuses that other credentials may cure. */
    static boolean isWantOfRights(int status) {
        return status == 401 || status == 403;
    }

    /** Passes 200, 206 and 416. */
    static void check(ResponseHead head, HttpContext context) throws RetriableException {
        int status = head.status();
        switch (status) {
            case 200, 206, 416 -> checkEncoding(head, context.url);
            case 401, 403 ->
                throw refused(FailureReason.UNAUTHORIZED, head, context, context.credentials.advice(status));
            case 407 -> throw loginMissing(head, context);
            case 404, 410 -> throw refused(FailureReason.NOT_FOUND, head, context, "Check the URL of the source");
            case 408, 425, 429, 500, 502, 503, 504 -> throw unavailable(head, proxy(context));
            default -> {
                if (status > 505) {
                    throw unavailable(head, proxy(context));
                }
                throw refused(FailureReason.REFUSED_BY_SERVER, head, context, "The server does not want to serve it");
            }
        }
    }

    /** @param proxy that answered, or passed the answer on */
    static RetriableException unavailable(ResponseHead head, Optional<HttpUrl> proxy) {
        return new RetriableException(
                FailureReason.SERVER_ERROR,
                "expected status code 200, got " + head.status() + ". Status: " + head.status() + " " + head.reason()
                        + through(proxy),
                head.header("retry-after").flatMap(HttpStatus::delay));
    }

    private static TransferFailure refused(
            FailureReason reason, ResponseHead head, HttpContext context, String advice) {
        return new TransferFailure(
                reason,
                "Unable to connect to " + context.kind + " data source: expected status code 200, got " + head.status()
                        + ". Status: " + head.status() + " " + head.reason() + " (" + context.url + ")"
                        + through(proxy(context)) + ". " + advice);
    }

    private static TransferFailure loginMissing(ResponseHead head, HttpContext context) {
        return proxy(context)
                .map(proxy -> HttpAccess.wantsLogin(proxy, "Unable to connect to " + context.kind + " data source"))
                .orElseGet(() ->
                        refused(FailureReason.UNAUTHORIZED, head, context, "The server takes itself for a proxy"));
    }

    private static Optional<HttpUrl> proxy(HttpContext context) {
        return context.access.forwardingProxy(context.url);
    }

    private static String through(Optional<HttpUrl> proxy) {
        return proxy.map(each -> ", asked through the proxy " + each).orElse("");
    }

    private static void checkEncoding(ResponseHead head, HttpUrl url) {
        String encoding = head.header("content-encoding").orElse("identity");
        if (!encoding.equalsIgnoreCase("identity")) {
            throw new TransferFailure(
                    FailureReason.REFUSED_BY_SERVER,
                    "Unable to process data: " + url + " is sent with Content-Encoding '" + encoding
                            + "' although 'identity' was asked for. Turn compression off for this path on the server");
        }
    }

    /** Seconds or a date, RFC 9110 §10.2.3. */
    private static Optional<Duration> delay(String retryAfter) {
        if (retryAfter.matches("\\d{1,9}")) {
            return Optional.of(Duration.ofSeconds(Long.parseLong(retryAfter)));
        }
        try {
            Instant at = ZonedDateTime.parse(retryAfter, DateTimeFormatter.RFC_1123_DATE_TIME)
                    .toInstant();
            Duration left = Duration.between(Instant.now(), at);
            return Optional.of(left.isNegative() ? Duration.ZERO : left);
        } catch (DateTimeException e) {
            // A server that says nonsense here is treated like one that says nothing.
            return Optional.empty();
        }
    }
}
