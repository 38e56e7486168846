package io.dvflow.dataplane.source.http;

import java.util.concurrent.atomic.AtomicBoolean;

/**
 * One of the addresses of an image.
 *
 * @param sameBytes whether length and strong validator say that it is what the first address has; if not, only the length is
 *     known to be the same
 * @param leftOut goes up when it has failed
 */
record Mirror(HttpSource source, boolean sameBytes, AtomicBoolean leftOut) {

    static Mirror first(HttpSource source) {
        return new Mirror(source, true, new AtomicBoolean());
    }

    boolean isUsable(boolean anyBytes) {
        return !leftOut.get() && (sameBytes || anyBytes);
    }
}
