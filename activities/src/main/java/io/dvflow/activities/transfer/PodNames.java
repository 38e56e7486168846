package io.dvflow.activities.transfer;

import io.dvflow.activities.claim.ShortName;

/** One name for each claim that is filled: two transfer pods for one claim cannot exist. Pure. */
public final class PodNames {

    private static final String PREFIX = "importer-";
    /** A pod's name may have 253 characters, but it is also the pod's host name. */
    private static final int LONGEST = 63;

    private PodNames() {}

    public static String importer(String claimName) {
        return ShortName.within(LONGEST, PREFIX + claimName, claimName);
    }
}
