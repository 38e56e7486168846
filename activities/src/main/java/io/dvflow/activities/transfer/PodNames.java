package io.dvflow.activities.transfer;

import io.dvflow.transfer.Checkpoint;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Optional;

/** One name for each claim that is filled: two transfer pods for one claim cannot exist. Pure. */
public final class PodNames {

    private static final String PREFIX = "importer-";
    /** A pod's name may have 253 characters, but it is also the pod's host name. */
    private static final int LONGEST = 63;

    private static final int HASH = 10;

    private PodNames() {}

    /** @param checkpoint which has a pod of its own, as CDI names it */
    public static String importer(String claimName, Optional<Checkpoint> checkpoint) {
        return importer(claimName
                + checkpoint
                        .map(stage -> "-checkpoint-" + inPodName(stage.current()))
                        .orElse(""));
    }

    /** Snapshots of VMware and oVirt are named so that they fit; others become a name that does. */
    private static String inPodName(String checkpoint) {
        return checkpoint.matches("[a-z0-9]([-a-z0-9]*[a-z0-9])?") ? checkpoint : hashOf(checkpoint);
    }

    private static String importer(String claimName) {
        String name = PREFIX + claimName;
        if (name.length() <= LONGEST) {
            return name;
        }
        String head = name.substring(0, LONGEST - HASH - 1).replaceAll("[^a-z0-9]+$", "");
        return head + "-" + hashOf(claimName);
    }

    private static String hashOf(String text) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest).substring(0, HASH);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every Java runtime has SHA-256", e);
        }
    }
}
