package io.dvflow.starter.output;

/** Colours by meaning; plain text where there are none. */
public enum Palette {
    PLAIN,
    ANSI;

    public String good(String text) {
        return paint("32", text);
    }

    public String bad(String text) {
        return paint("31", text);
    }

    public String waiting(String text) {
        return paint("33", text);
    }

    public String quiet(String text) {
        return paint("2", text);
    }

    public String strong(String text) {
        return paint("1", text);
    }

    private String paint(String code, String text) {
        return this == PLAIN || text.isEmpty() ? text : "\u001b[" + code + "m" + text + "\u001b[0m";
    }
}
