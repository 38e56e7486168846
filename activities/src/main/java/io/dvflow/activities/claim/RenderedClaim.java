package io.dvflow.activities.claim;

/**
 * What a DataVolume leaves open about its claim, decided.
 *
 * @param accessMode the first where there are several
 * @param volumeMode {@code Filesystem} or {@code Block}
 * @param claimBytes storage to request
 * @param diskBytes virtual size of the disk in it
 * @param space the overhead that counts for it
 */
public record RenderedClaim(
        String accessMode, String volumeMode, long claimBytes, long diskBytes, FilesystemSpace space) {

    static final String FILESYSTEM = "Filesystem";
    static final String BLOCK = "Block";
    static final String STORAGE = "storage";
}
