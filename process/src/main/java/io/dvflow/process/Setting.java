package io.dvflow.process;

import java.time.Duration;
import java.time.format.DateTimeParseException;
import java.util.Map;
import java.util.function.Function;

/**
 * One environment variable that a process reads.
 *
 * @param name of the variable
 * @param defaultText what holds when it is unset or empty; null when it must be set
 * @param parser makes a value of the text
 * @param meaning the sentence for people
 */
public record Setting<T>(String name, String defaultText, Function<String, T> parser, String meaning) {

    public static Setting<String> text(String name, String defaultText, String meaning) {
        return new Setting<>(name, defaultText, Function.identity(), meaning);
    }

    public static Setting<Integer> positive(String name, int defaultValue, String meaning) {
        return new Setting<>(name, Integer.toString(defaultValue), Setting::positiveNumber, meaning);
    }

    /** A TCP port to listen on; 0 takes any that is free. */
    public static Setting<Integer> port(String name, int defaultValue, String meaning) {
        return new Setting<>(name, Integer.toString(defaultValue), Setting::portNumber, meaning);
    }

    public static Setting<Duration> duration(String name, Duration defaultValue, String meaning) {
        return new Setting<>(name, defaultValue.toString(), Setting::isoDuration, meaning);
    }

    /** @throws IllegalArgumentException naming the variable, what it holds and what it should */
    public T from(Map<String, String> environment) {
        String found = environment.get(name);
        String text = found == null || found.isBlank() ? defaultText : found.strip();
        if (text == null) {
            throw new IllegalArgumentException("The environment variable " + name + " is not set: " + meaning);
        }
        try {
            return parser.apply(text);
        } catch (IllegalArgumentException | DateTimeParseException e) {
            throw new IllegalArgumentException(
                    "The environment variable " + name + " is \"" + text + "\": " + e.getMessage() + " (" + meaning
                            + ")",
                    e);
        }
    }

    private static int positiveNumber(String text) {
        return numberWithin(1, Integer.MAX_VALUE, text, "expected a whole number above 0");
    }

    private static int portNumber(String text) {
        return numberWithin(0, 65_535, text, "expected a port, 0 to 65535");
    }

    private static int numberWithin(int least, int most, String text, String otherwise) {
        try {
            int number = Integer.parseInt(text);
            if (number >= least && number <= most) {
                return number;
            }
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException(otherwise, e);
        }
        throw new IllegalArgumentException(otherwise);
    }

    private static Duration isoDuration(String text) {
        try {
            return Duration.parse(text);
        } catch (DateTimeParseException e) {
            throw new IllegalArgumentException("expected a duration such as PT30S", e);
        }
    }
}
