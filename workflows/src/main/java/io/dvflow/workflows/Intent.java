package io.dvflow.workflows;

import java.util.Optional;

/**
 * What the object's annotations ask of its operation, as a whole: declarative, so that sending it twice changes nothing.
 *
 * @param observedVersion resource version of the object it was read from; an older one than already seen is refused
 * @param paused stop moving bytes, keep what is there
 * @param cancelled give the operation up for good
 * @param retryToken retry now, once for every new value
 * @param rateLimit how fast the source may be read, as it was written; whoever acts on it reads the object again
 */
public record Intent(
        long observedVersion,
        boolean paused,
        boolean cancelled,
        Optional<String> retryToken,
        Optional<String> rateLimit) {

    public static final Intent NONE = new Intent(0, false, false, Optional.empty());

    public Intent {
        retryToken = retryToken == null ? Optional.empty() : retryToken;
        rateLimit = rateLimit == null ? Optional.empty() : rateLimit;
    }

    public Intent(long observedVersion, boolean paused, boolean cancelled, Optional<String> retryToken) {
        this(observedVersion, paused, cancelled, retryToken, Optional.empty());
    }

    /** Whether both ask the same, whenever they were read. */
    public boolean asksTheSameAs(Intent other) {
        return paused == other.paused
                && cancelled == other.cancelled
                && retryToken.equals(other.retryToken)
                && rateLimit.equals(other.rateLimit);
    }
}
