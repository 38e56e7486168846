package io.dvflow.activities.transfer;

import io.dvflow.activities.claim.ShortName;
import io.dvflow.transfer.Checkpoint;
import java.util.Optional;

/** One name for each claim that is filled: two transfer pods for one claim cannot exist. Pure. */
public final class PodNames {

    private static final String PREFIX = "importer-";
    /** A pod's name may have 253 characters, but it is also the pod's host name. */
    private static final int LONGEST = 63;

    private PodNames() {}

    /** @param checkpoint which has a pod of its own, as CDI names it */
    public static String importer(String claimName, Optional<Checkpoint> checkpoint) {
        String filled = claimName
                + checkpoint.map(stage -> "-checkpoint-" + stage.current()).orElse("");
        return ShortName.within(LONGEST, PREFIX + filled, filled);
    }
}
