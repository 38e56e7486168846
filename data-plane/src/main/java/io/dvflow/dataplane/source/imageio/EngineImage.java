package io.dvflow.dataplane.source.imageio;

import com.google.gson.annotations.SerializedName;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;

/**
 * A disk, or a snapshot of one, as the engine describes it. What it does not say is null.
 *
 * @param imageId of a disk: that of its active image
 * @param parent of a snapshot, from an engine that lists those of one disk
 * @param storageDomains where a disk lies
 */
record EngineImage(
        String id,
        @SerializedName("image_id") String imageId,
        Named parent,
        @SerializedName("storage_domains") StorageDomains storageDomains) {

    record Named(String id) {}

    record StorageDomains(@SerializedName("storage_domain") List<Named> all) {}

    boolean isNamed(String wanted) {
        return wanted.equals(id) || wanted.equals(imageId);
    }

    Stream<String> storageDomainIds() {
        return storageDomains == null || storageDomains.all == null
                ? Stream.empty()
                : storageDomains.all.stream().filter(Objects::nonNull).map(Named::id);
    }
}
