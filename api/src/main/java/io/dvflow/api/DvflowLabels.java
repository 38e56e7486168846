package io.dvflow.api;

/** Labels of our own, on every object that an operation makes. */
public final class DvflowLabels {
    /** UID of the DataVolume the object was made for. */
    public static final String DATAVOLUME_UID = "dvflow.io/datavolume-uid";
    /** Kind of the operation: import, clone or upload. */
    public static final String OPERATION = "dvflow.io/operation";

    private DvflowLabels() {}
}
