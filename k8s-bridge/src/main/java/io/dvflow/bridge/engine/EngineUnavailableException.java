package io.dvflow.bridge.engine;

/** Temporal did not answer in time, or has too much to do. The call may have taken effect. */
public final class EngineUnavailableException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    public EngineUnavailableException(String doing, String why, Throwable cause) {
        super("Temporal could not be asked to " + doing + ": " + why, cause);
    }
}
