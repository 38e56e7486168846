package io.dvflow.dataplane.source.s3;

import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The name of one of AWS's own S3 servers: {@code [bucket.]s3[.dualstack][.region].amazonaws.com} and what came before it.
 *
 * @param bucket where it is part of the name
 * @param kind {@code -fips}, {@code -accelerate}, either with {@code .dualstack}, or empty
 * @param region where it is part of the name
 * @param domain what all servers of one partition of AWS share
 */
record AwsHost(Optional<String> bucket, String kind, Optional<String> region, String domain) {

    /** No more than a name: it becomes part of a host. */
    static final String REGION = "[a-z0-9][a-z0-9-]{0,40}";

    private static final Pattern NAME =
            Pattern.compile("(?:(?<bucket>.+)\\.)?s3(?<kind>(?:-fips|-accelerate)?(?:\\.dualstack)?)"
                    + "(?:[.-](?<region>[a-z]{2,}(?:-[a-z0-9]+)+))?(?<domain>\\.amazonaws\\.com(?:\\.cn)?)");

    static Optional<AwsHost> of(String host) {
        Matcher name = NAME.matcher(host.toLowerCase(Locale.ROOT));
        return name.matches()
                ? Optional.of(new AwsHost(
                        Optional.ofNullable(name.group("bucket")),
                        name.group("kind"),
                        Optional.ofNullable(name.group("region")),
                        name.group("domain")))
                : Optional.empty();
    }

    AwsHost in(String otherRegion) {
        return new AwsHost(bucket, kind, Optional.of(otherRegion), domain);
    }

    /** The same server, with the bucket in the path. */
    AwsHost withoutBucket() {
        return new AwsHost(Optional.empty(), kind, region, domain);
    }

    String name() {
        return bucket.map(name -> name + ".").orElse("") + "s3" + kind
                + region.map(name -> "." + name).orElse("") + domain;
    }
}
