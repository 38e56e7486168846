package io.dvflow.workflows.finish;

/** How an operation ended. Written to the object as annotation, in {@link #wireName()} form. */
public enum Outcome {
    SUCCEEDED("succeeded"),
    /** No retry can help. */
    FAILED("failed"),
    /** Somebody cancelled it. */
    CANCELLED("cancelled"),
    /** The user's own ceiling of attempts or deadline was reached. */
    GAVE_UP("gave-up"),
    /** The object was deleted, or replaced, meanwhile; nothing is written to it. */
    OBJECT_GONE("object-gone");

    private final String wireName;

    Outcome(String wireName) {
        this.wireName = wireName;
    }

    public String wireName() {
        return wireName;
    }
}
