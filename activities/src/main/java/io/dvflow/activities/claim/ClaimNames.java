package io.dvflow.activities.claim;

/** Names that follow from UIDs, so that making a thing twice makes one. */
public final class ClaimNames {

    private static final String PRIME = "prime-";
    private static final String IMPORT_SOURCE = "volume-import-source-";

    private ClaimNames() {}

    /** The prime claim of a target claim. */
    public static String prime(String targetUid) {
        return PRIME + targetUid;
    }

    public static boolean isPrime(String claimName) {
        return claimName.startsWith(PRIME);
    }

    /** The VolumeImportSource of a DataVolume. */
    public static String importSource(String dataVolumeUid) {
        return IMPORT_SOURCE + dataVolumeUid;
    }
}
