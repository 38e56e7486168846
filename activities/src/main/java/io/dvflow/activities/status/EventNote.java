package io.dvflow.activities.status;

/** An event to be told once. */
public record EventNote(Severity severity, String reason, String message) {

    /** The wire values of {@code Event.type}. */
    public enum Severity {
        NORMAL("Normal"),
        WARNING("Warning");

        private final String wireName;

        Severity(String wireName) {
            this.wireName = wireName;
        }

        public String wireName() {
            return wireName;
        }
    }

    public static EventNote normal(String reason, String message) {
        return new EventNote(Severity.NORMAL, reason, message);
    }

    public static EventNote warning(String reason, String message) {
        return new EventNote(Severity.WARNING, reason, message);
    }
}
