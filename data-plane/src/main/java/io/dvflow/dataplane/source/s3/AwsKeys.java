package io.dvflow.dataplane.source.s3;

import java.time.Instant;
import java.util.Optional;

/**
 * What requests are signed with.
 *
 * @param sessionToken belongs to keys that are only lent
 * @param expiry when they stop to hold, if that is known
 */
record AwsKeys(String accessKeyId, String secretKey, Optional<String> sessionToken, Optional<Instant> expiry) {

    /** Not the secrets. */
    @Override
    public String toString() {
        return "AwsKeys[...]";
    }
}
