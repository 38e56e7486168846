package io.dvflow.api.claim;

/**
 * An annotation that asks for something in a way that nobody can carry out.
 *
 * @param key of the annotation
 * @param found what it says, as far as that may be repeated: never a secret
 * @param expected what it may say
 */
public record Mistake(String key, String found, String expected) {

    public String sentence() {
        return "Annotation " + key + " " + found + ", expected " + expected;
    }

    static Mistake missing(String key, String expected) {
        return new Mistake(key, "is missing", expected);
    }

    static Mistake value(String key, String value, String expected) {
        return new Mistake(key, "is \"" + value + "\"", expected);
    }
}
