package io.dvflow.api.v1beta1;

/** The group and version under which these kinds are served. */
public final class CdiApi {
    public static final String GROUP = "cdi.kubevirt.io";
    public static final String VERSION = "v1beta1";
    public static final String API_VERSION = GROUP + "/" + VERSION;

    /** Name of the only CDIConfig that is read. */
    public static final String CONFIG_NAME = "config";

    private CdiApi() {}
}
