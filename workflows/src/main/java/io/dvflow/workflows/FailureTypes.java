package io.dvflow.workflows;

/**
 * Types of {@code ApplicationFailure} that activities throw and workflows branch on. They are written into histories:
 * never rename one.
 */
public final class FailureTypes {

    /** A bad moment of the network, a server, a node: retried soon, without end. */
    public static final String TRANSIENT = "Transient";

    /** Somebody has to change something first; the object says what. Retried slowly, and at once on {@code retry}. */
    public static final String NEEDS_CHANGE = "NeedsChange";

    /** Waiting for somebody else (scheduler, kubelet, image pull): no failure, the slot is given back meanwhile. */
    public static final String WAITING = "Waiting";

    /** No retry can help. Not retried; the object ends as Failed. */
    public static final String FINAL = "Final";

    /** The user's own ceiling of attempts is reached. Not retried. */
    public static final String GAVE_UP = "GaveUp";

    /** The object is gone, being deleted, or another one has its name now. Not retried; nothing is left to report to. */
    public static final String OBJECT_GONE = "ObjectGone";

    /**
     * The source has to be kept in scratch space while it is read. Not retried: the workflow makes some and transfers again.
     * Its second detail is how many bytes are needed, 0 where nobody knows.
     */
    public static final String SCRATCH_REQUIRED = "ScratchRequired";

    private FailureTypes() {}
}
