package io.dvflow.activities.transfer;

import io.dvflow.api.DvflowAnnotations;

/** What a transfer pod carries for the worker that looks at it next. */
final class TransferAnnotations {

    /** The plan, mounted into the pod itself by the downward API. */
    static final String PLAN = "dvflow.io/transfer-plan";
    /** Which of the operation's pods it is, from 1. */
    static final String ATTEMPT = "dvflow.io/attempt";

    /** How much the scratch space that it was given holds; absent without. */
    static final String SCRATCH_BYTES = "dvflow.io/scratch-bytes";

    /** How fast it may read, mounted into the pod itself by the downward API, which follows changes. */
    static final String RATE_LIMIT = DvflowAnnotations.RATE_LIMIT;

    private TransferAnnotations() {}
}
