package io.dvflow.workflows.import_;

import io.dvflow.transfer.Checkpoint;
import java.util.List;

/**
 * The checkpoints of a multi-stage import as the object's spec has them; more may be appended while it waits.
 *
 * @param checkpoints in the order in which they are copied
 * @param complete whether the last of them ends the import
 * @param copied how many of them are on the claim already
 */
public record Stages(List<Checkpoint> checkpoints, boolean complete, int copied) {

    public Stages {
        checkpoints = List.copyOf(checkpoints);
    }

    /** Whether there is nothing to copy before somebody appends a checkpoint. */
    public boolean awaitsMore() {
        return copied >= checkpoints.size() && !complete;
    }

    public boolean areDone() {
        return copied >= checkpoints.size() && complete;
    }

    Checkpoint next() {
        return checkpoints.get(copied);
    }
}
