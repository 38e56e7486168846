package io.dvflow.starter.cluster;

import io.fabric8.kubernetes.api.model.ContainerStateTerminated;
import io.fabric8.kubernetes.api.model.ContainerStateWaiting;
import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.Pod;
import java.util.Optional;

/** A transfer pod as far as its log is concerned. */
public record TransferPod(Pod pod) {
    /** The container that moves the data. */
    public static final String CONTAINER = "importer";

    public String name() {
        return pod.getMetadata().getName();
    }

    /** Whether there is, or was, a process whose log can be read. */
    public boolean hasStarted() {
        return container()
                .map(ContainerStatus::getState)
                .filter(state -> state.getRunning() != null || state.getTerminated() != null)
                .isPresent();
    }

    /** Whether its process is over. */
    public boolean hasEnded() {
        return container()
                .map(ContainerStatus::getState)
                .filter(state -> state.getTerminated() != null)
                .isPresent();
    }

    /** What the process left as its last words. */
    public Optional<String> terminationMessage() {
        return container()
                .map(ContainerStatus::getState)
                .map(state -> state.getTerminated())
                .map(ContainerStateTerminated::getMessage);
    }

    /** Why the container has not started, in the kubelet's or scheduler's words. */
    public String waitsFor() {
        return container()
                .map(ContainerStatus::getState)
                .map(state -> state.getWaiting())
                .map(TransferPod::words)
                .or(this::unscheduled)
                .orElse("no reason given yet");
    }

    private Optional<String> unscheduled() {
        return Optional.ofNullable(pod.getStatus()).stream()
                .flatMap(status -> status.getConditions().stream())
                .filter(condition ->
                        condition.getType().equals("PodScheduled") && "False".equals(condition.getStatus()))
                .map(condition -> condition.getReason() + ": " + condition.getMessage())
                .findFirst();
    }

    private Optional<ContainerStatus> container() {
        return Optional.ofNullable(pod.getStatus()).stream()
                .flatMap(status -> status.getContainerStatuses().stream())
                .filter(status -> CONTAINER.equals(status.getName()))
                .findFirst();
    }

    private static String words(ContainerStateWaiting waiting) {
        return waiting.getMessage() == null ? waiting.getReason() : waiting.getReason() + ": " + waiting.getMessage();
    }
}
