package io.dvflow.activities.transfer;

import io.dvflow.transfer.TransferOutcome;
import io.fabric8.kubernetes.api.model.Pod;

/** What a transfer pod is at. */
sealed interface PodState {

    /** There is none; one may be made. */
    record Absent() implements PodState {}

    /**
     * Nothing runs in it yet.
     *
     * @param reason of the Running condition
     * @param message for people; empty when there is nothing to say
     */
    record Pending(Pod pod, String reason, String message) implements PodState {}

    record Running(Pod pod) implements PodState {}

    /** Told to end, and nobody can say yet that it has: nothing else may write to the volume. */
    record Leaving(Pod pod) implements PodState {}

    record Complete(Pod pod, TransferOutcome.Complete outcome) implements PodState {}

    /**
     * It has to keep the source somewhere while it reads it.
     *
     * @param bytes how many; 0 if it does not know
     */
    record NeedsScratch(Pod pod, String message, long bytes) implements PodState {}

    record Failed(Pod pod, PodFailure failure) implements PodState {}
}
