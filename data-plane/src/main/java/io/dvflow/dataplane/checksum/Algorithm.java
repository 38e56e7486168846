package io.dvflow.dataplane.checksum;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** What boils a stream down to a few bytes. */
sealed interface Algorithm permits DigestAlgorithm, CrcAlgorithm {

    /** The one of these that a checksum's first part names. */
    static <A extends Algorithm> Optional<A> named(String name, A[] some) {
        return Arrays.stream(some)
                .filter(each -> each.label().equals(name.toLowerCase(Locale.ROOT)))
                .findFirst();
    }

    /** Of the constant. */
    String name();

    /** As in the first part of a checksum. */
    default String label() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** Of the result. */
    int digestBytes();

    RunningDigest start();

    /** Whether a state can be what this algorithm has after so many bytes. */
    boolean fits(RunningDigest.State state, long length);
}
