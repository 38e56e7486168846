package io.dvflow.dataplane.source.imageio;

import io.dvflow.dataplane.report.TransferFailure;
import io.dvflow.dataplane.source.imageio.EngineApi.Gone;
import io.dvflow.dataplane.source.imageio.EngineImage.Named;
import io.dvflow.transfer.Checkpoint;
import io.dvflow.transfer.FailureReason;
import io.dvflow.transfer.TransferSource;
import java.util.List;
import java.util.Optional;

/**
 * What is read: a disk as it is now, or a snapshot of it.
 *
 * @param kind as the engine names it in an image transfer: {@code image} or {@code snapshot}
 * @param immutable whether its content can never change
 * @param shallow whether only what this snapshot itself holds is read
 */
record Subject(String kind, String id, boolean immutable, boolean shallow) {

    /** What the plan means; a checkpoint may be a snapshot, or the disk's active image. */
    static Subject of(TransferSource.ImageIo source, EngineApi engine) {
        EngineImage disk = engine.disk(source.diskId());
        if (source.checkpoint().isEmpty()) {
            return new Subject("image", source.diskId(), false, false);
        }
        Checkpoint checkpoint = source.checkpoint().get();
        EngineImage snapshot = find(disk, checkpoint.current(), engine)
                .orElseThrow(() -> new TransferFailure(
                        FailureReason.NOT_FOUND,
                        "Unable to process data: checkpoint " + checkpoint.current() + " is neither a snapshot of disk "
                                + source.diskId() + " nor its active image. Check the checkpoints of the DataVolume"));
        checkParent(snapshot, checkpoint, engine);
        // The active image is read as the disk: it has no snapshot that could be named.
        return checkpoint.current().equals(disk.imageId())
                ? new Subject("image", source.diskId(), false, checkpoint.isDelta())
                : new Subject("snapshot", checkpoint.current(), true, checkpoint.isDelta());
    }

    private static Optional<EngineImage> find(EngineImage disk, String id, EngineApi engine) {
        try {
            return among(engine.snapshotsOf(disk.id()), id);
        } catch (Gone e) {
            return findOnStorage(disk, id, engine);
        }
    }

    /** As engines before 4.5 list them. */
    private static Optional<EngineImage> findOnStorage(EngineImage disk, String id, EngineApi engine) {
        if (id.equals(disk.imageId())) {
            return Optional.of(disk);
        }
        return disk.storageDomainIds()
                .flatMap(domain -> among(engine.snapshotsOn(domain), id).stream())
                .findFirst();
    }

    private static Optional<EngineImage> among(List<EngineImage> snapshots, String id) {
        return snapshots.stream().filter(snapshot -> snapshot.isNamed(id)).findFirst();
    }

    /** A delta belongs onto the snapshot it was made from and onto nothing else. */
    private static void checkParent(EngineImage snapshot, Checkpoint checkpoint, EngineApi engine) {
        if (!checkpoint.isDelta()) {
            return;
        }
        String previous = checkpoint.previous().orElseThrow();
        String parent = Optional.ofNullable(snapshot.parent()).map(Named::id).orElse("");
        if (!parent.equals(previous)) {
            throw new TransferFailure(
                    FailureReason.REFUSED_BY_SERVER,
                    "Unable to process data: the engine at " + engine.url() + " names "
                            + (parent.isEmpty() ? "no parent" : "parent " + parent)
                            + " of disk snapshot "
                            + checkpoint.current() + ", expected the previous checkpoint " + previous
                            + "; its changes cannot be put onto another snapshot's content");
        }
    }
}
