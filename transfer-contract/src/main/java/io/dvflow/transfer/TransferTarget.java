package io.dvflow.transfer;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;

/** Where a transfer writes to. */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "kind")
@JsonSubTypes({
    @JsonSubTypes.Type(value = TransferTarget.DiskFile.class, name = "file"),
    @JsonSubTypes.Type(value = TransferTarget.BlockDevice.class, name = "block"),
})
public sealed interface TransferTarget {

    /**
     * The file {@code disk.img} at the root of a mounted file system, as KubeVirt looks for it; of an archive, what is in it at
     * that root.
     *
     * @param directory mount point of the claim
     */
    record DiskFile(String directory) implements TransferTarget {
        public static final String NAME = "disk.img";
    }

    /**
     * A raw block claim. Its old content is not zero unless this transfer makes it so.
     *
     * @param path device node in the pod
     */
    record BlockDevice(String path) implements TransferTarget {}
}
