package io.dvflow.dataplane.source.registry;

/** Texts of others in messages of ours: short, on one line, printable. */
final class Shown {

    private static final int LONGEST = 200;

    private Shown() {}

    static String text(String foreign) {
        String text = String.valueOf(foreign).replaceAll("[^ -~]+", "?").strip();
        return text.length() <= LONGEST ? text : text.substring(0, LONGEST) + "...";
    }
}
