package io.dvflow.activities.claim;

/** Names that follow from UIDs, so that making a thing twice makes one. */
public final class ClaimNames {

    private static final String PRIME = "prime-";
    private static final String IMPORT_SOURCE = "volume-import-source-";

    private static final String SCRATCH = "-scratch";
    /** Longest name of an object. */
    private static final int LONGEST = 253;

    private ClaimNames() {}

    /** The prime claim of a target claim. */
    public static String prime(String targetUid) {
        return PRIME + targetUid;
    }

    public static boolean isPrime(String claimName) {
        return claimName.startsWith(PRIME);
    }

    /** The scratch claim beside a claim that is filled. */
    public static String scratch(String claimName) {
        return ShortName.within(LONGEST - SCRATCH.length(), claimName) + SCRATCH;
    }

    public static boolean isScratch(String claimName) {
        return claimName.endsWith(SCRATCH);
    }

    /** The VolumeImportSource of a DataVolume. */
    public static String importSource(String dataVolumeUid) {
        return IMPORT_SOURCE + dataVolumeUid;
    }
}
