package io.dvflow.dataplane.tar;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Instant;
import java.util.Optional;

/** Times as archives have them: seconds since 1970, with a fraction perhaps. */
final class TarTime {

    /** Some 30 000 years; no file system holds more. */
    private static final BigDecimal FARTHEST = BigDecimal.valueOf(1L << 40);

    private static final int NANOS = 9;

    private TarTime() {}

    /** @return empty if no file can have been changed then */
    static Optional<Instant> of(BigDecimal seconds) {
        if (seconds.abs().compareTo(FARTHEST) > 0) {
            return Optional.empty();
        }
        BigDecimal whole = seconds.setScale(0, RoundingMode.FLOOR);
        BigDecimal nanos = seconds.subtract(whole).movePointRight(NANOS).setScale(0, RoundingMode.FLOOR);
        return Optional.of(Instant.ofEpochSecond(whole.longValueExact(), nanos.longValueExact()));
    }

    /** @return empty if it is no number, too */
    static Optional<Instant> parse(String text) {
        return text.matches("-?\\d{1,15}(\\.\\d{0,30})?") ? of(new BigDecimal(text)) : Optional.empty();
    }
}
