package io.dvflow.workflows;

import java.util.Optional;

/**
 * What the object's annotations ask of its operation, as a whole: declarative, so that sending it twice changes nothing.
 *
 * @param observedVersion resource version of the object it was read from; an older one than already seen is refused
 * @param paused stop moving bytes, keep what is there
 * @param cancelled give the operation up for good
 * @param retryToken retry now, once for every new value
 */
public record Intent(long observedVersion, boolean paused, boolean cancelled, Optional<String> retryToken) {

    public static final Intent NONE = new Intent(0, false, false, Optional.empty());

    public Intent {
        retryToken = retryToken == null ? Optional.empty() : retryToken;
    }

    /** Whether both ask the same, whenever they were read. */
    public boolean asksTheSameAs(Intent other) {
        return paused == other.paused && cancelled == other.cancelled && retryToken.equals(other.retryToken);
    }
}
