package io.dvflow.dataplane.source.gcs;

import java.time.Instant;

/** Lets its bearer read for a while. */
record AccessToken(String value, Instant expiry) {

    /** Not the token. */
    @Override
    public String toString() {
        return "AccessToken[until " + expiry + "]";
    }
}
