package io.dvflow.workflows.claim;

/** What {@link ClaimActivities#prepare} found or made. */
public enum ClaimState {
    /** The claim to fill is there; a transfer pod may mount it. */
    READY_TO_FILL,
    /** The target claim is there; nothing is provisioned before a pod uses it. */
    AWAITS_CONSUMER,
    /** The target claim is bound and has its content already: an earlier run got this far. */
    POPULATED
}
