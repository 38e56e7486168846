package io.dvflow.dataplane.source.s3;

import io.dvflow.dataplane.report.TransferFailure;
import io.dvflow.dataplane.source.http.Credentials;
import io.dvflow.dataplane.source.http.HttpUrl;
import io.dvflow.dataplane.source.http.Refusal;
import io.dvflow.dataplane.source.http.ResponseHead;
import io.dvflow.dataplane.source.http.RetriableException;
import io.dvflow.transfer.FailureReason;
import java.io.IOException;
import java.time.Clock;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Signs requests, learns region and time from the server's complaints, and turns those into sentences. Signs for the
 * server that the user named, and where that is one of AWS's for AWS's servers in other regions; for no other.
 */
final class S3Credentials implements Credentials {

    /** Which of several is used: the strongest first. */
    private static final List<String> CHECKSUMS = List.of("sha256", "sha1", "crc64nvme", "crc32c", "crc32");

    private final S3Address address;
    private final KeySource keys;
    private final Clock clock;
    private String region;
    private Duration serverAhead = Duration.ZERO;
    private long learntAt = System.nanoTime();

    /** @param region as the user says, or as it looks */
    S3Credentials(S3Address address, String region, KeySource keys, Clock clock) {
        this.address = address;
        this.region = region;
        this.keys = keys;
        this.clock = clock;
    }

    @Override
    public List<String> headerLines(HttpUrl url) {
        return headerLines("GET", url, Map.of());
    }

    private List<String> headerLines(String method, HttpUrl url, Map<String, String> more) {
        Optional<AwsKeys> shown = mayBeSigned(url) ? keys.keys() : Optional.empty();
        return shown.map(lent -> new RequestSigner("s3", regionOf(url)).sign(method, url, more, lent, now()))
                .orElseGet(() -> more.entrySet().stream()
                        .map(header -> header.getKey() + ": " + header.getValue())
                        .toList());
    }

    /** A signature in the URL is one for GET alone. */
    @Override
    public Optional<List<String>> checksumRequest(HttpUrl url) {
        return address.isSigned()
                ? Optional.empty()
                : Optional.of(headerLines("HEAD", url, Map.of("x-amz-checksum-mode", "ENABLED")));
    }

    /** What parts hash to says nothing of the whole; of older servers nobody knows which of the two it is. */
    @Override
    public Optional<String> offeredChecksum(ResponseHead head) {
        boolean ofTheWhole = head.status() == 200
                && head.header("x-amz-checksum-type")
                        .filter("FULL_OBJECT"::equalsIgnoreCase)
                        .isPresent();
        return ofTheWhole
                ? CHECKSUMS.stream()
                        .flatMap(name -> head.header("x-amz-checksum-" + name).stream()
                                .flatMap(S3Credentials::hex)
                                .map(hex -> name + ":" + hex))
                        .findFirst()
                : Optional.empty();
    }

    private static Stream<String> hex(String base64) {
        try {
            return Stream.of(HexFormat.of().formatHex(Base64.getDecoder().decode(base64)));
        } catch (IllegalArgumentException e) {
            // No checksum that anybody knows.
            return Stream.of();
        }
    }

    @Override
    public boolean renew(HttpUrl url, Refusal refusal) {
        S3Error error = S3Error.in(refusal.text());
        Optional<String> elsewhere = error.region().or(() -> bucketRegion(refusal.head()));
        if (elsewhere.isPresent() && learnRegion(elsewhere.get(), refusal.askedAt())) {
            return true;
        }
        if (error.isAboutTheClock()) {
            return learnTime(refusal);
        }
        boolean aboutKeys = error.isAboutKeys() || refusal.reason().equals(Optional.of(FailureReason.UNAUTHORIZED));
        return aboutKeys && keys.renew(refusal.askedAt());
    }

    /** AWS answers a request at the wrong place with 301 and the region, without an address. */
    @Override
    public Optional<HttpUrl> redirect(HttpUrl url, ResponseHead head) {
        return bucketRegion(head)
                .flatMap(there -> AwsHost.of(url.host())
                        .filter(host -> !host.region().equals(Optional.of(there)))
                        .map(host -> S3Address.at(url, Optional.of(host.in(there)), url.path())));
    }

    @Override
    public void judge(HttpUrl url, Refusal refusal) throws IOException {
        S3Error error = S3Error.in(refusal.text());
        if (error.passes() && refusal.status() < 500) {
            throw new RetriableException(
                    FailureReason.SERVER_ERROR, "the server answered " + refusal.status() + error.inWords());
        }
        Optional<FailureReason> reason = error.reason().or(refusal::reason);
        if (reason.isPresent()) {
            throw new TransferFailure(
                    reason.get(), refusal.inWords("s3", url) + error.inWords() + adviceFor(error, reason.get()));
        }
    }

    @Override
    public String advice(int status) {
        return keys.advice();
    }

    private String adviceFor(S3Error error, FailureReason reason) {
        if (error.isAboutTheClock()) {
            return ". Set the clock of the node, or that of the server";
        }
        return switch (reason) {
            case NOT_FOUND -> ". Check bucket and key in the URL of the source";
            case UNAUTHORIZED -> ". " + keys.advice();
            default -> "";
        };
    }

    private boolean mayBeSigned(HttpUrl url) {
        if (url.sameServer(address.url())) {
            return true;
        }
        Optional<AwsHost> there = AwsHost.of(url.host());
        boolean bothAws = there.isPresent()
                && there.map(AwsHost::domain).equals(address.aws().map(AwsHost::domain));
        return bothAws && (url.isTls() || !address.url().isTls());
    }

    private synchronized String regionOf(HttpUrl url) {
        return url.sameServer(address.url())
                ? region
                : AwsHost.of(url.host()).flatMap(AwsHost::region).orElse(region);
    }

    private synchronized Instant now() {
        return clock.instant().plus(serverAhead);
    }

    private synchronized boolean learnRegion(String there, long askedAt) {
        boolean learnt = !region.equals(there) || learntAt - askedAt > 0;
        if (!region.equals(there)) {
            region = there;
            learntAt = System.nanoTime();
        }
        return learnt;
    }

    /** The server's clock is the one that counts. A server that is not content with its own is not asked again. */
    private synchronized boolean learnTime(Refusal refusal) {
        if (learntAt - refusal.askedAt() > 0) {
            return true;
        }
        Optional<Instant> there = refusal.head().header("date").flatMap(S3Credentials::instant);
        if (there.isEmpty() || !serverAhead.isZero()) {
            return false;
        }
        serverAhead = Duration.between(clock.instant(), there.get());
        learntAt = System.nanoTime();
        return true;
    }

    private static Optional<String> bucketRegion(ResponseHead head) {
        return head.header("x-amz-bucket-region").filter(region -> region.matches(AwsHost.REGION));
    }

    private static Optional<Instant> instant(String date) {
        try {
            return Optional.of(ZonedDateTime.parse(date, DateTimeFormatter.RFC_1123_DATE_TIME)
                    .toInstant());
        } catch (DateTimeException e) {
            // A server without a readable clock teaches nothing.
            return Optional.empty();
        }
    }
}
