package io.dvflow.dataplane.stop;

/** Somebody asked for the end of the work. */
public final class TransferStopped extends RuntimeException {

    private static final long serialVersionUID = 1L;

    public TransferStopped() {
        super("The transfer was told to stop");
    }
}
