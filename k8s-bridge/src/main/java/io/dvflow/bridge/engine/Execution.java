package io.dvflow.bridge.engine;

/** What Temporal knows of the import of one object. */
public sealed interface Execution {

    /** No such execution: never started, or past its retention, or lost with Temporal's data. */
    record NotFound() implements Execution {}

    /** No such execution, and the clean-up in its place is still at work. */
    record BeingCleanedUp() implements Execution {}

    /** @param cancelRequested whether it was asked to end already */
    record Running(boolean cancelRequested) implements Execution {}

    /** @param how its final status in lower case, such as {@code completed} or {@code terminated} */
    record Closed(String how) implements Execution {}

    /** Temporal does not answer: nothing can be said. */
    record Unreachable() implements Execution {}
}
