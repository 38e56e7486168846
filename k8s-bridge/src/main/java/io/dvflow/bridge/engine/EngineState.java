package io.dvflow.bridge.engine;

/** Whether operations can go on at all. */
public enum EngineState {
    AVAILABLE,
    /** Temporal answers, but no worker asks it for work. */
    NO_WORKERS,
    /** Temporal does not answer. */
    UNREACHABLE
}
