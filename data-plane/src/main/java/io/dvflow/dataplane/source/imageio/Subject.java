package io.dvflow.dataplane.source.imageio;

import com.fasterxml.jackson.databind.JsonNode;
import io.dvflow.dataplane.report.TransferFailure;
import io.dvflow.dataplane.source.imageio.EngineApi.Gone;
import io.dvflow.transfer.Checkpoint;
import io.dvflow.transfer.FailureReason;
import io.dvflow.transfer.TransferSource;
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
        JsonNode disk = engine.disk(source.diskId());
        if (source.checkpoint().isEmpty()) {
            return new Subject("image", source.diskId(), false, false);
        }
        Checkpoint checkpoint = source.checkpoint().get();
        JsonNode snapshot = find(disk, checkpoint.current(), engine)
                .orElseThrow(() -> new TransferFailure(
                        FailureReason.NOT_FOUND,
                        "Unable to process data: checkpoint " + checkpoint.current() + " is neither a snapshot of disk "
                                + source.diskId() + " nor its active image. Check the checkpoints of the DataVolume"));
        checkParent(snapshot, checkpoint, engine);
        // The active image is read as the disk: it has no snapshot that could be named.
        return disk.path("image_id").asText("").equals(checkpoint.current())
                ? new Subject("image", source.diskId(), false, checkpoint.isDelta())
                : new Subject("snapshot", checkpoint.current(), true, checkpoint.isDelta());
    }

    private static Optional<JsonNode> find(JsonNode disk, String id, EngineApi engine) {
        try {
            return among(engine.snapshotsOf(disk.path("id").asText()), id);
        } catch (Gone e) {
            return findOnStorage(disk, id, engine);
        }
    }

    /** As engines before 4.5 list them. */
    private static Optional<JsonNode> findOnStorage(JsonNode disk, String id, EngineApi engine) {
        if (disk.path("image_id").asText("").equals(id)) {
            return Optional.of(disk);
        }
        for (JsonNode domain : disk.path("storage_domains").path("storage_domain")) {
            Optional<JsonNode> found =
                    among(engine.snapshotsOn(domain.path("id").asText()), id);
            if (found.isPresent()) {
                return found;
            }
        }
        return Optional.empty();
    }

    private static Optional<JsonNode> among(JsonNode snapshots, String id) {
        for (JsonNode snapshot : snapshots) {
            boolean named = snapshot.path("id").asText().equals(id)
                    || snapshot.path("image_id").asText().equals(id);
            if (named) {
                return Optional.of(snapshot);
            }
        }
        return Optional.empty();
    }

    /** A delta belongs onto the snapshot it was made from and onto nothing else. */
    private static void checkParent(JsonNode snapshot, Checkpoint checkpoint, EngineApi engine) {
        if (!checkpoint.isDelta()) {
            return;
        }
        String previous = checkpoint.previous().orElseThrow();
        String parent = snapshot.path("parent").path("id").asText("");
        if (!parent.equals(previous)) {
            throw new TransferFailure(
                    FailureReason.REFUSED_BY_SERVER,
                    "Unable to process data: the engine at " + engine.url() + " names "
                            + (parent.isEmpty() ? "no parent" : "parent " + parent) + " of disk snapshot "
                            + checkpoint.current() + ", expected the previous checkpoint " + previous
                            + "; its changes cannot be put onto another snapshot's content");
        }
    }
}
