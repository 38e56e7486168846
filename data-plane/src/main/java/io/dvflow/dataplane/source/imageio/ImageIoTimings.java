package io.dvflow.dataplane.source.imageio;

import io.dvflow.dataplane.source.http.HttpSettings;
import java.time.Duration;

/**
 * How often the engine is asked, in proportion to how patient the transfer is in all.
 *
 * @param whileLocked between two tries to get a disk that somebody else has locked: 15 s
 * @param triesWhileLocked after so many the attempt ends and the worker waits instead: 20, five minutes
 * @param phase between two looks at a transfer that is on its way: 1 s
 * @param looks at it, at most: 300, five minutes
 * @param renewal between two extensions of a ticket that lives for {@link EngineApi#INACTIVITY_SECONDS}: 30 s
 * @param cleanUp between two tries to end a transfer: 2 s
 */
record ImageIoTimings(
        Duration whileLocked, int triesWhileLocked, Duration phase, int looks, Duration renewal, Duration cleanUp) {

    static ImageIoTimings of(HttpSettings http) {
        return new ImageIoTimings(
                http.longestBackoff(),
                20,
                http.firstBackoff().multipliedBy(2),
                300,
                http.longestBackoff().multipliedBy(2),
                http.firstBackoff().multipliedBy(4));
    }
}
