package io.dvflow.activities.status;

import java.util.Locale;
import java.util.regex.Pattern;

/** {@code status.progress} as CDI's clients read it. */
public final class Progress {

    /** Before anything is known. */
    public static final String UNKNOWN = OwnedStatus.UNKNOWN_PROGRESS;

    /** With one digit, unlike all others; kept since clients compare it. */
    public static final String DONE = OwnedStatus.ALL_DONE;

    private static final Pattern PERCENTAGE = Pattern.compile("\\d{1,3}(\\.\\d+)?%");

    private Progress() {}

    /** @param percent 0 to 100 */
    public static String of(double percent) {
        return String.format(Locale.ROOT, "%.2f%%", percent);
    }

    /** The other way round; 0 for what is no percentage. */
    public static double percentOf(String shown) {
        if (shown == null || !PERCENTAGE.matcher(shown).matches()) {
            return 0;
        }
        return Double.parseDouble(shown.substring(0, shown.length() - 1));
    }
}
