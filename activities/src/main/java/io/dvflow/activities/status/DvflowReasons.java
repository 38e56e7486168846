package io.dvflow.activities.status;

/** Reasons of the Running condition that CDI has no word for. */
public final class DvflowReasons {

    public static final String PAUSED = "Paused";
    public static final String CANCELLED = "Cancelled";
    /** The user's ceiling of attempts or deadline is reached. */
    public static final String GAVE_UP = "GaveUp";

    private DvflowReasons() {}
}
