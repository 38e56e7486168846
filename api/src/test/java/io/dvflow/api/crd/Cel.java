package io.dvflow.api.crd;

import java.util.Arrays;
import java.util.stream.Collectors;

/**
 * Turns of phrase in CEL. They avoid {@code self.?field.orValue('')}: the API server cannot tell how long such a string
 * may get, takes it for endless, and refuses the rule as too expensive.
 */
final class Cel {
    private Cel() {}

    /** The string is there and not empty, which for Go clients is the same. */
    static String isSet(String field) {
        return "(has(self.%1$s) && self.%1$s != '')".formatted(field);
    }

    static String areSet(String... fields) {
        return Arrays.stream(fields).map(Cel::isSet).collect(Collectors.joining(" && "));
    }
}
