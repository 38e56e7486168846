package io.dvflow.transfer;

/** Where a transfer writes to. */
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
