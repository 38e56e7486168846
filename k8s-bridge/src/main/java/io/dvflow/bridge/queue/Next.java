package io.dvflow.bridge.queue;

import java.time.Duration;

/** What a reconciled key wants next. */
public sealed interface Next {

    Next SETTLED = new Settled();
    Next RETRY = new Retry();

    static Next after(Duration delay) {
        return new After(delay);
    }

    /** Nothing until something happens to the object. */
    record Settled() implements Next {}

    /** Another look after this time, if nothing happens before. */
    record After(Duration delay) implements Next {}

    /** It did not work, or has to be waited for: again after the key's back-off, which grows each time. */
    record Retry() implements Next {}
}
