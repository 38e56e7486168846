package io.dvflow.starter.operation;

/** Where an operation stands, as far as commands care. */
public enum Standing {
    /** Under way: working, or waiting for something. */
    OPEN("under way"),
    /** Held, and the object shows it. */
    PAUSED("paused"),
    /** The object is being deleted. */
    DELETING("being deleted"),
    SUCCEEDED("finished successfully"),
    FAILED("failed for good"),
    CANCELLED("cancelled"),
    GAVE_UP("given up after its last attempt or its deadline");

    private final String words;

    Standing(String words) {
        this.words = words;
    }

    /** What fits behind "the operation is". */
    public String words() {
        return words;
    }

    /** Whether nothing will happen to it any more. */
    public boolean isOver() {
        return switch (this) {
            case OPEN, PAUSED, DELETING -> false;
            case SUCCEEDED, FAILED, CANCELLED, GAVE_UP -> true;
        };
    }
}
