package io.dvflow.gateway.admission;

/** The answer to an admission request. */
public sealed interface Verdict {

    record Allowed() implements Verdict {}

    /**
     * @param code HTTP status the client gets
     * @param message for people; clients of CDI look for phrases in it
     */
    record Denied(int code, String message) implements Verdict {}

    static Verdict allowed() {
        return new Allowed();
    }

    /** The object does not keep to the rules. */
    static Verdict invalid(String message) {
        return new Denied(422, message);
    }

    static Verdict forbidden(String message) {
        return new Denied(403, message);
    }
}
