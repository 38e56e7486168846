package io.dvflow.transfer;

import com.fasterxml.jackson.annotation.JsonIgnore;
import java.util.Optional;

/**
 * One stage of a multi-stage import: the disk as a snapshot has it, or what changed since an earlier one.
 *
 * @param current the snapshot whose content the target holds afterwards
 * @param previous the snapshot whose content the target holds already, or a change ID of VMware; empty for the first stage,
 *     which copies everything
 */
public record Checkpoint(String current, Optional<String> previous) {

    public Checkpoint {
        previous = previous == null ? Optional.empty() : previous;
    }

    /** Whether only changes are to be written, onto what the target holds. Ignored by Temporal's converter. */
    @JsonIgnore
    public boolean isDelta() {
        return previous.isPresent();
    }
}
