package io.dvflow.activities.status;

/** Reasons of the Running condition that CDI has no word for. */
public final class DvflowReasons {

    public static final String PAUSED = "Paused";
    public static final String CANCELLED = "Cancelled";
    /** The user's ceiling of attempts or deadline is reached. */
    public static final String GAVE_UP = "GaveUp";

    /** As kubelet calls it in its events: something that a pod mounts is missing, or cannot be had. */
    public static final String FAILED_MOUNT = "FailedMount";

    private DvflowReasons() {}
}
