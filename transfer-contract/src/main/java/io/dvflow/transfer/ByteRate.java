package io.dvflow.transfer;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How fast bytes may move.
 *
 * @param bytesPerSecond 0 for as fast as they can
 */
public record ByteRate(long bytesPerSecond) {

    public static final ByteRate UNLIMITED = new ByteRate(0);

    private static final Pattern QUANTITY = Pattern.compile("(\\d{1,18}(?:\\.\\d{1,9})?)(k|[KMGT]i|[MGT])?");

    private static final Map<String, Long> FACTORS = Map.of(
            "k",
            1000L,
            "M",
            1000_000L,
            "G",
            1000_000_000L,
            "T",
            1000_000_000_000L,
            "Ki",
            1L << 10,
            "Mi",
            1L << 20,
            "Gi",
            1L << 30,
            "Ti",
            1L << 40);

    /** More than any network moves; keeps the arithmetic of whoever counts it in range. */
    private static final long MOST = 1L << 50;

    public ByteRate {
        if (bytesPerSecond < 0 || bytesPerSecond > MOST) {
            throw new IllegalArgumentException("A rate of " + bytesPerSecond + " bytes per second is out of range");
        }
    }

    /**
     * Reads a number of bytes per second as Kubernetes writes quantities: {@code 50Mi}, {@code 1.5G}; {@code 0} is no limit.
     *
     * @throws IllegalArgumentException that says what was expected
     */
    public static ByteRate parse(String text) {
        Matcher quantity = QUANTITY.matcher(text.strip());
        if (quantity.matches()) {
            long factor = quantity.group(2) == null ? 1 : FACTORS.get(quantity.group(2));
            BigDecimal bytes = new BigDecimal(quantity.group(1)).multiply(BigDecimal.valueOf(factor));
            if (bytes.compareTo(BigDecimal.valueOf(MOST)) <= 0) {
                return new ByteRate(bytes.setScale(0, RoundingMode.CEILING).longValueExact());
            }
        }
        throw new IllegalArgumentException("\"" + text
                + "\" is no number of bytes per second; expected a quantity such as 50Mi, or 0 for no limit");
    }

    public boolean isUnlimited() {
        return bytesPerSecond == 0;
    }

    /** As {@link #parse} reads it. */
    @Override
    public String toString() {
        for (String unit : new String[] {"Gi", "Mi", "Ki"}) {
            long factor = FACTORS.get(unit);
            if (bytesPerSecond > 0 && bytesPerSecond % factor == 0) {
                return bytesPerSecond / factor + unit;
            }
        }
        return Long.toString(bytesPerSecond);
    }
}
