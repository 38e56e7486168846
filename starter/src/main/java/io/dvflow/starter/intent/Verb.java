package io.dvflow.starter.intent;

import java.util.Locale;

/** What a user can ask of an operation. */
enum Verb {
    PAUSE,
    RESUME,
    RETRY,
    CANCEL;

    String word() {
        return name().toLowerCase(Locale.ROOT);
    }
}
