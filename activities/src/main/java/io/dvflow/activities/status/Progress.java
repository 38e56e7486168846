package io.dvflow.activities.status;

import java.util.Locale;

/** {@code status.progress} as CDI's clients read it. */
public final class Progress {

    /** Before anything is known. */
    public static final String UNKNOWN = OwnedStatus.UNKNOWN_PROGRESS;

    /** With one digit, unlike all others; kept since clients compare it. */
    public static final String DONE = OwnedStatus.ALL_DONE;

    private Progress() {}

    /** @param percent 0 to 100 */
    public static String of(double percent) {
        return String.format(Locale.ROOT, "%.2f%%", percent);
    }
}
