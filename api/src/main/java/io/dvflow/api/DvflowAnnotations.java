package io.dvflow.api;

/**
 * Annotations of our own on a DataVolume. Intent is declarative: it holds as long as it stands on the object,
 * whatever becomes of the workflow.
 */
public final class DvflowAnnotations {
    public static final String PREFIX = "dvflow.io/";

    // Intent, written by users and by the dvflow command.
    /** "true": the operation rests at the next safe point until the annotation is gone or has another value. */
    public static final String PAUSED = PREFIX + "paused";
    /** "true": the operation is given up for good and everything it made is removed, save the target claim. */
    public static final String CANCELLED = PREFIX + "cancelled";
    /** Any value: the operation tries again at once, one time for each new value. */
    public static final String RETRY = PREFIX + "retry";
    /** Positive integer: the number of attempts after which the operation gives up; no limit when absent. */
    public static final String MAX_ATTEMPTS = PREFIX + "max-attempts";
    /**
     * How fast the source is read, in bytes per second as a Kubernetes quantity such as 50Mi; no limit when absent or 0. May be
     * changed while the operation runs.
     */
    public static final String RATE_LIMIT = PREFIX + "rate-limit";
    /** "true": the finished disk is read back and compared with the source before it is handed over. */
    public static final String VERIFY = PREFIX + "verify";
    /**
     * When the operation gives up: a duration counted from creation, such as PT2H, or an instant in RFC 3339; no
     * limit when absent.
     */
    public static final String DEADLINE = PREFIX + "deadline";
    /**
     * Other addresses of the image of an http source, http or https, with blanks or line breaks between them: they take
     * each other's place, and are read side by side where they are known to hold the same bytes.
     */
    public static final String MIRRORS = PREFIX + "mirrors";
    /**
     * "true": the escape for an operation whose workflow is lost. The bridge drops the finalizer without it;
     * remains must be removed by hand.
     */
    public static final String FORCE_RELEASE = PREFIX + "force-release";

    // Written by the workflow and the bridge.
    /** How the operation ended, one of the OUTCOME values; with it, the object is never started again. */
    public static final String OUTCOME = PREFIX + "outcome";
    /** The last lines of the transfer pod that ended last, as JSON: its log goes with it. */
    public static final String LOG = PREFIX + "log";
    /** On a claim that asks for an import by its annotations: what the status of a DataVolume would be, as JSON. */
    public static final String STATUS = PREFIX + "status";
    /** On such a claim: what the bridge has to say of it, as a JSON array of conditions; absent when all is well. */
    public static final String BRIDGE_CONDITIONS = PREFIX + "bridge-conditions";
    /** The workflow that carries out the operation. */
    public static final String WORKFLOW_ID = PREFIX + "workflow-id";

    // Values of the outcome annotation.
    public static final String OUTCOME_SUCCEEDED = "succeeded";
    /** Final error: checksum mismatch or lost claim. */
    public static final String OUTCOME_FAILED = "failed";

    public static final String OUTCOME_CANCELLED = "cancelled";
    /** The ceiling of attempts or the deadline was reached. */
    public static final String OUTCOME_GAVE_UP = "gave-up";

    private DvflowAnnotations() {}
}
