package io.dvflow.activities.transfer;

import io.dvflow.api.Reasons;
import io.dvflow.transfer.FailureReason;
import io.dvflow.transfer.TransferJson;
import io.dvflow.transfer.TransferOutcome;
import io.dvflow.workflows.transfer.TransferReceipt;
import io.fabric8.kubernetes.api.model.ContainerState;
import io.fabric8.kubernetes.api.model.ContainerStateTerminated;
import io.fabric8.kubernetes.api.model.ContainerStateWaiting;
import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodCondition;
import io.fabric8.kubernetes.api.model.PodStatus;
import io.fabric8.kubernetes.api.model.Quantity;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Reads a pod's status. Pure. */
final class PodReader {

    private static final Set<String> PULL_TROUBLE =
            Set.of("ErrImagePull", "ImagePullBackOff", "InvalidImageName", "ErrImageNeverPull", "RegistryUnavailable");
    private static final Set<String> ITS_TURN = Set.of("", "PodInitializing", "ContainerCreating");
    /** As CDI says it; whoever waits for an image looks for these words. */
    static final String PULL_FAILED = "failed to pull image: ";

    private static final int LONGEST_TAIL = 600;

    private PodReader() {}

    static PodState stateOf(Optional<Pod> seen) {
        if (seen.isEmpty()) {
            return new PodState.Absent();
        }
        Pod pod = seen.get();
        return switch (phase(pod)) {
            case "Succeeded", "Failed" -> ended(pod);
            // The container's end is known before the pod's; without it, nobody may say that nothing writes any more.
            default -> containerEnd(pod).isPresent() ? ended(pod) : notEnded(pod);
        };
    }

    static TransferReceipt receiptOf(PodState.Complete complete) {
        TransferOutcome.Complete outcome = complete.outcome();
        return new TransferReceipt(
                outcome.message(),
                outcome.format(),
                outcome.diskBytes(),
                outcome.fetchedBytes(),
                outcome.writtenBytes(),
                outcome.preallocationApplied(),
                attemptOf(complete.pod()) - 1,
                outcome.timeline(),
                outcome.labels());
    }

    /** Whether it runs, or may yet. */
    static boolean mayRun(Pod pod) {
        return switch (stateOf(Optional.of(pod))) {
            case PodState.Pending _, PodState.Running _ -> true;
            case PodState.Absent _,
                    PodState.Leaving _,
                    PodState.Complete _,
                    PodState.Failed _,
                    PodState.NeedsScratch _ -> false;
        };
    }

    /** Number of the pod among those of the operation, from 1. */
    static int attemptOf(Pod pod) {
        String attempt = Optional.ofNullable(pod.getMetadata().getAnnotations())
                .map(annotations -> annotations.get(TransferAnnotations.ATTEMPT))
                .orElse("1");
        return Integer.parseInt(attempt);
    }

    /** What its process left; empty if there was none, or it was killed before it wrote any. */
    static Optional<String> lastWords(Pod pod) {
        return containerEnd(pod).map(ContainerStateTerminated::getMessage).filter(text -> !text.isBlank());
    }

    /** How much scratch space the pod has; empty if none. */
    static Optional<Long> scratchOf(Pod pod) {
        return Optional.ofNullable(pod.getMetadata().getAnnotations())
                .map(annotations -> annotations.get(TransferAnnotations.SCRATCH_BYTES))
                .map(Long::valueOf);
    }

    static Instant createdAt(Pod pod) {
        return Instant.parse(pod.getMetadata().getCreationTimestamp());
    }

    private static PodState notEnded(Pod pod) {
        if (pod.getMetadata().getDeletionTimestamp() != null) {
            return new PodState.Leaving(pod);
        }
        boolean running = container(pod)
                .map(ContainerStatus::getState)
                .map(ContainerState::getRunning)
                .isPresent();
        return running ? new PodState.Running(pod) : pending(pod);
    }

    private static PodState pending(Pod pod) {
        Optional<PodCondition> unscheduled = conditions(pod).stream()
                .filter(condition ->
                        "PodScheduled".equals(condition.getType()) && "False".equals(condition.getStatus()))
                .findFirst();
        if (unscheduled.isPresent()) {
            return new PodState.Pending(
                    pod,
                    Reasons.UNSCHEDULABLE,
                    "Importer pod cannot be scheduled: "
                            + text(unscheduled.get().getMessage()));
        }
        return waiting(
                pod,
                initContainers(pod).stream()
                        .filter(PodReader::isHeldUp)
                        .findFirst()
                        .or(() -> container(pod)));
    }

    private static PodState waiting(Pod pod, Optional<ContainerStatus> container) {
        Optional<ContainerStateWaiting> waiting =
                container.map(ContainerStatus::getState).map(ContainerState::getWaiting);
        String reason = waiting.map(ContainerStateWaiting::getReason).orElse("");
        String message = text(waiting.map(ContainerStateWaiting::getMessage).orElse(""));
        if (PULL_TROUBLE.contains(reason)) {
            String image = container.map(ContainerStatus::getImage).orElse("");
            String name = container.map(ContainerStatus::getName).orElse("");
            return new PodState.Pending(
                    pod,
                    Reasons.IMAGE_PULL_FAILED,
                    PULL_FAILED
                            + image
                            + (message.isEmpty() ? "" : " (" + message + ")")
                            + PullRights.whereToLook(pod, name, message));
        }
        return new PodState.Pending(pod, reason, message);
    }

    /** Whether it waits for more than its turn. */
    private static boolean isHeldUp(ContainerStatus status) {
        return Optional.ofNullable(status.getState())
                .map(ContainerState::getWaiting)
                .map(ContainerStateWaiting::getReason)
                .filter(reason -> !ITS_TURN.contains(reason))
                .isPresent();
    }

    private static PodState ended(Pod pod) {
        Optional<ContainerStateTerminated> end = containerEnd(pod);
        Optional<TransferOutcome> outcome =
                end.map(ContainerStateTerminated::getMessage).flatMap(TransferJson::readOutcome);
        if (outcome.isPresent()) {
            return said(pod, outcome.get(), end.get());
        }
        return new PodState.Failed(
                pod, end.map(terminated -> unsaid(pod, terminated)).orElseGet(() -> neverRan(pod)));
    }

    private static PodState said(Pod pod, TransferOutcome outcome, ContainerStateTerminated end) {
        return switch (outcome) {
            case TransferOutcome.Complete complete when end.getExitCode() == 0 -> new PodState.Complete(pod, complete);
            case TransferOutcome.Complete complete ->
                new PodState.Failed(
                        pod,
                        PodFailure.transientTrouble(
                                PodFailure.POD_ENDED,
                                "Transfer pod " + nameOf(pod) + " said \"" + complete.message()
                                        + "\" but ended with exit code " + end.getExitCode()));
            case TransferOutcome.Failed failed
            when failed.reason() == FailureReason.SCRATCH_REQUIRED ->
                new PodState.NeedsScratch(
                        pod, failed.message(), failed.scratchBytes().orElse(0L));
            case TransferOutcome.Failed failed ->
                new PodState.Failed(pod, PodFailure.of(failed, MountedObjects.of(pod)));
            case TransferOutcome.Stopped _ ->
                new PodState.Failed(
                        pod,
                        PodFailure.transientTrouble(
                                PodFailure.POD_ENDED,
                                "Transfer pod " + nameOf(pod) + " was told to stop" + because(pod)
                                        + "; it goes on from where it was"));
        };
    }

    /** It ended without a word: killed from outside. */
    private static PodFailure unsaid(Pod pod, ContainerStateTerminated end) {
        if ("OOMKilled".equals(end.getReason())) {
            return PodFailure.transientTrouble(
                    PodFailure.OUT_OF_MEMORY,
                    "Transfer pod " + nameOf(pod)
                            + " was killed for using more memory than its limit" + memoryLimit(pod)
                            + "; raise podResourceRequirements of the CDI configuration if this goes on");
        }
        return PodFailure.transientTrouble(
                PodFailure.POD_ENDED,
                "Transfer pod " + nameOf(pod) + " ended with exit code " + end.getExitCode() + because(pod)
                        + tail(end.getMessage()));
    }

    /** Evicted before it started, refused by the kubelet, or on a node that is gone. */
    private static PodFailure neverRan(Pod pod) {
        return PodFailure.transientTrouble(
                PodFailure.POD_ENDED, "Transfer pod " + nameOf(pod) + " ended before it ran" + because(pod));
    }

    private static String because(Pod pod) {
        PodStatus status = pod.getStatus();
        String reason = text(status.getReason());
        String message = text(status.getMessage());
        if (reason.isEmpty() && message.isEmpty()) {
            return "";
        }
        return " (" + (reason.isEmpty() || message.isEmpty() ? reason + message : reason + ": " + message) + ")";
    }

    private static String tail(String message) {
        String text = text(message).strip();
        if (text.isEmpty()) {
            return "";
        }
        return "; its last words: "
                + (text.length() <= LONGEST_TAIL ? text : "..." + text.substring(text.length() - LONGEST_TAIL));
    }

    private static String memoryLimit(Pod pod) {
        return pod.getSpec().getContainers().stream()
                .filter(container -> TransferPodBuilder.CONTAINER.equals(container.getName()))
                .map(container -> container.getResources())
                .filter(resources -> resources != null && resources.getLimits() != null)
                .map(resources -> resources.getLimits().get("memory"))
                .filter(limit -> limit != null)
                .map(Quantity::toString)
                .map(limit -> " of " + limit)
                .findFirst()
                .orElse("");
    }

    private static Optional<ContainerStateTerminated> containerEnd(Pod pod) {
        return container(pod).map(ContainerStatus::getState).map(ContainerState::getTerminated);
    }

    private static Optional<ContainerStatus> container(Pod pod) {
        List<ContainerStatus> all = Optional.ofNullable(pod.getStatus())
                .map(PodStatus::getContainerStatuses)
                .orElse(List.of());
        return all.stream()
                .filter(status -> TransferPodBuilder.CONTAINER.equals(status.getName()))
                .findFirst();
    }

    private static List<ContainerStatus> initContainers(Pod pod) {
        return Optional.ofNullable(pod.getStatus())
                .map(PodStatus::getInitContainerStatuses)
                .orElse(List.of());
    }

    private static List<PodCondition> conditions(Pod pod) {
        return Optional.ofNullable(pod.getStatus())
                .map(PodStatus::getConditions)
                .orElse(List.of());
    }

    private static String phase(Pod pod) {
        return Optional.ofNullable(pod.getStatus()).map(PodStatus::getPhase).orElse("");
    }

    private static String nameOf(Pod pod) {
        return pod.getMetadata().getName();
    }

    private static String text(String value) {
        return value == null ? "" : value;
    }
}
