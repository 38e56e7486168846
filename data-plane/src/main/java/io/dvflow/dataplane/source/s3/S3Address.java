package io.dvflow.dataplane.source.s3;

import io.dvflow.dataplane.report.TransferFailure;
import io.dvflow.dataplane.source.http.HttpUrl;
import io.dvflow.dataplane.source.http.Percent;
import io.dvflow.transfer.FailureReason;
import java.util.Optional;

/**
 * Where an object is.
 *
 * @param url as it is asked for: each character of the key encoded once, so that server and signature agree on it
 * @param aws if the server is one of AWS's
 */
record S3Address(HttpUrl url, Optional<AwsHost> aws) {

    /** What every server takes that does not care, and most others. */
    private static final String USUAL_REGION = "us-east-1";
    /** {@code eu-west-1}, {@code nyc3}; not {@code minio} and {@code s3}. */
    private static final String LIKE_A_REGION = "[a-z]{2,}(?:-[a-z0-9]+)+|[a-z]{2,}\\d{1,3}";

    /**
     * @param text {@code http(s)://endpoint/bucket/key}, or with AWS also {@code https://bucket.s3.region.amazonaws.com/key}
     * @throws TransferFailure if that names no object
     */
    static S3Address parse(String text) {
        HttpUrl given = HttpUrl.parse(text);
        Optional<AwsHost> aws = AwsHost.of(given.host());
        Optional<String> bucket = aws.flatMap(AwsHost::bucket);
        String path = "/" + Percent.decode(given.path()).replaceFirst("^/+", "");
        // The wildcard of AWS's certificates stands for one label.
        boolean intoPath =
                given.isTls() && bucket.filter(name -> name.contains(".")).isPresent();
        if (intoPath) {
            path = "/" + bucket.get() + path;
        }
        boolean named = bucket.isPresent() && !intoPath ? path.length() > 1 : path.matches("(?s)/[^/]+/.+");
        if (!named) {
            throw new TransferFailure(
                    FailureReason.BAD_PLAN,
                    "Invalid source URL: expected http(s)://endpoint/bucket/key, found no key in " + given);
        }
        Optional<AwsHost> server = intoPath ? aws.map(AwsHost::withoutBucket) : aws;
        return new S3Address(at(given, server, Percent.encodePath(path)), server);
    }

    /** What to sign for, as long as the server does not say better. */
    String region() {
        if (aws.isPresent()) {
            return aws.flatMap(AwsHost::region).orElse(USUAL_REGION);
        }
        String[] labels = url.host().split("\\.");
        int first = labels[0].equals("s3") && labels.length > 2 ? 1 : 0;
        return labels.length > 2 && labels[first].matches(LIKE_A_REGION) ? labels[first] : USUAL_REGION;
    }

    /** Whoever signed the URL has signed for us. */
    boolean isSigned() {
        return url.query().filter(query -> query.contains("Signature=")).isPresent();
    }

    static HttpUrl at(HttpUrl url, Optional<AwsHost> server, String path) {
        return new HttpUrl(
                url.scheme(),
                server.map(AwsHost::name).orElse(url.host()),
                url.port(),
                path,
                url.query(),
                Optional.empty());
    }
}
