package io.dvflow.dataplane.report;

/** Texts of others in messages of ours: short, on one line, printable. */
public final class Shown {

    private static final int LONGEST = 200;

    private Shown() {}

    public static String text(String foreign) {
        String text = String.valueOf(foreign).replaceAll("[^ -~]+", "?").strip();
        return text.length() <= LONGEST ? text : text.substring(0, LONGEST) + "...";
    }
}
