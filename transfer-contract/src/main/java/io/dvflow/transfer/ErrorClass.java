package io.dvflow.transfer;

/** What may help after a failure; decides how an operation is retried. */
public enum ErrorClass {
    /** The network, a server or a node had a bad moment: the same again, soon. */
    TRANSIENT,
    /** Somebody has to change something outside first (a secret, a quota, the image, the size): slow retries, and at once on request. */
    NEEDS_CHANGE,
    /** No retry can help. */
    FINAL
}
