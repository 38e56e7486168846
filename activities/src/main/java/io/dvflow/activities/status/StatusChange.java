package io.dvflow.activities.status;

import io.dvflow.api.v1beta1.DataVolumePhase;
import java.util.Optional;

/**
 * What an activity wants the object to show; what is absent stays as it is. Ready follows from the rest.
 *
 * @param restarts pods that ended without finishing; never counts down
 */
public record StatusChange(
        Optional<DataVolumePhase> phase,
        Optional<String> progress,
        Optional<Integer> restarts,
        Optional<String> claimName,
        Optional<Aspect> bound,
        Optional<Aspect> running) {

    public static StatusChange none() {
        return new StatusChange(
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty());
    }

    public StatusChange phase(DataVolumePhase value) {
        return new StatusChange(Optional.of(value), progress, restarts, claimName, bound, running);
    }

    public StatusChange progress(String value) {
        return new StatusChange(phase, Optional.of(value), restarts, claimName, bound, running);
    }

    public StatusChange restarts(int value) {
        return new StatusChange(phase, progress, Optional.of(value), claimName, bound, running);
    }

    public StatusChange claimName(String value) {
        return new StatusChange(phase, progress, restarts, Optional.of(value), bound, running);
    }

    public StatusChange bound(Aspect value) {
        return new StatusChange(phase, progress, restarts, claimName, Optional.of(value), running);
    }

    public StatusChange running(Aspect value) {
        return new StatusChange(phase, progress, restarts, claimName, bound, Optional.of(value));
    }
}
