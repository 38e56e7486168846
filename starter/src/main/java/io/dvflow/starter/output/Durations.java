package io.dvflow.starter.output;

import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Durations as people and kubectl write them: {@code 45s}, {@code 3m20s}, {@code 2h5m}, {@code 3d4h}. */
public final class Durations {
    private static final Pattern WRITTEN = Pattern.compile("(?:(\\d+)d)?(?:(\\d+)h)?(?:(\\d+)m)?(?:(\\d+)s)?");

    private Durations() {}

    /** The two largest units that are not zero. */
    public static String text(Duration duration) {
        if (duration.isNegative()) {
            return "0s";
        }
        long days = duration.toDays();
        if (days > 0) {
            return days + "d" + unlessZero(duration.toHoursPart(), "h");
        }
        if (duration.toHours() > 0) {
            return duration.toHours() + "h" + unlessZero(duration.toMinutesPart(), "m");
        }
        if (duration.toMinutes() > 0) {
            return duration.toMinutes() + "m" + unlessZero(duration.toSecondsPart(), "s");
        }
        return duration.toSeconds() + "s";
    }

    /** Reads such a text, or a plain number of seconds. */
    public static Duration parse(String text) {
        if (text.matches("\\d{1,9}")) {
            return Duration.ofSeconds(Long.parseLong(text));
        }
        Matcher matcher = WRITTEN.matcher(text);
        if (text.isEmpty() || text.length() > 20 || !matcher.matches()) {
            throw new IllegalArgumentException("expected a duration such as 90s, 10m or 1h30m, found '" + text + "'");
        }
        return Duration.ofDays(number(matcher.group(1)))
                .plusHours(number(matcher.group(2)))
                .plusMinutes(number(matcher.group(3)))
                .plusSeconds(number(matcher.group(4)));
    }

    private static long number(String digits) {
        return digits == null ? 0 : Long.parseLong(digits);
    }

    private static String unlessZero(int number, String unit) {
        return number == 0 ? "" : number + unit;
    }

    /** For options. */
    public static final class Converter implements ITypeConverter<Duration> {
        @Override
        public Duration convert(String value) {
            try {
                return parse(value);
            } catch (IllegalArgumentException e) {
                throw new TypeConversionException(e.getMessage());
            }
        }
    }
}
