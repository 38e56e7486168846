package io.dvflow.starter.intent;

/** What a user can ask of an operation. */
enum Verb {
    PAUSE("pause"),
    RESUME("resume"),
    RETRY("retry"),
    CANCEL("cancel"),
    SET_RATE_LIMIT("limit the rate of");

    private final String word;

    Verb(String word) {
        this.word = word;
    }

    /** Fits before the object. */
    String word() {
        return word;
    }
}
