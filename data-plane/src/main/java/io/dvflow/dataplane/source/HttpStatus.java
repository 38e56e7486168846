package io.dvflow.dataplane.source;

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

    /** Passes 200, 206 and 416. */
    static void check(ResponseHead head, HttpUrl url) throws RetriableException {
        int status = head.status();
        switch (status) {
            case 200, 206, 416 -> checkEncoding(head, url);
            case 401, 403, 407 -> throw refused(FailureReason.UNAUTHORIZED, head, url, loginAdvice(status));
            case 404, 410 -> throw refused(FailureReason.NOT_FOUND, head, url, "Check the URL of the source");
            case 408, 425, 429, 500, 502, 503, 504 -> throw unavailable(head);
            default -> {
                if (status > 505) {
                    throw unavailable(head);
                }
                throw refused(FailureReason.REFUSED_BY_SERVER, head, url, "The server does not want to serve it");
            }
        }
    }

    private static RetriableException unavailable(ResponseHead head) {
        return new RetriableException(
                FailureReason.SERVER_ERROR,
                "expected status code 200, got " + head.status() + ". Status: " + head.status() + " " + head.reason(),
                head.header("retry-after").flatMap(HttpStatus::delay));
    }

    private static TransferFailure refused(FailureReason reason, ResponseHead head, HttpUrl url, String advice) {
        return new TransferFailure(
                reason,
                "Unable to connect to http data source: expected status code 200, got " + head.status() + ". Status: "
                        + head.status() + " " + head.reason() + " (" + url + "). " + advice);
    }

    private static String loginAdvice(int status) {
        return switch (status) {
            case 401 -> "Check accessKeyId and secretKey in the secret that the source's secretRef names";
            case 407 -> "Check the login in the address of the proxy";
            default ->
                "Check that the login in the source's secretRef may read it, or that the URL's signature is valid";
        };
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
