package io.dvflow.dataplane.source.s3;

import java.util.Optional;

/** Where the keys come from. Safe for use by many threads. */
interface KeySource {

    /** Keys that hold now; empty for requests that nobody signs. */
    Optional<AwsKeys> keys();

    /**
     * Called when the server refused the keys.
     *
     * @param askedAt {@link System#nanoTime} before the keys of the refused request were asked for
     * @return whether {@link #keys} gives other ones now
     */
    boolean renew(long askedAt);

    /** What a person should look at when they were refused; a whole sentence. */
    String advice();
}
