package io.dvflow.api;

/** Finalizers. */
public final class Finalizers {
    /** On a DataVolume, or a claim that asks for an import itself, while its operation is open, so that deleting it waits for the clean-up. */
    public static final String OPERATION = "dvflow.io/operation";

    private Finalizers() {}
}
