package io.dvflow.bridge.engine;

/** Temporal answered, and said no: trying again helps only once somebody has changed something. */
public final class EngineRefusedException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    public EngineRefusedException(String doing, Throwable cause) {
        super("Temporal refused to " + doing + ": " + cause.getMessage(), cause);
    }
}
