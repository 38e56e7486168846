package io.dvflow.activities.status;

import io.dvflow.api.Annotations;
import io.dvflow.api.ConditionTypes;
import io.dvflow.api.v1beta1.DataVolumePhase;
import io.dvflow.api.v1beta1.DataVolumeStatus;
import io.dvflow.transfer.VddkInfo;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** The state of a transfer as annotations of the target claim, for clients that read CDI's. Never read back. Pure. */
public final class ClaimProjection {

    private ClaimProjection() {}

    public static Map<String, String> running(String podName, int restarts, String progress) {
        Map<String, String> annotations = pod("Running", restarts, Aspect.podIsRunning());
        annotations.putAll(named(podName));
        annotations.put(Annotations.STORAGE_POPULATOR_PROGRESS, progress);
        return annotations;
    }

    /** The pod's name alone: all that is to be shown of one that had ended before it was seen at work. */
    public static Map<String, String> named(String podName) {
        return Map.of(Annotations.STORAGE_IMPORT_POD_NAME, podName);
    }

    public static Map<String, String> failed(String podName, int restarts, Aspect problem, boolean forGood) {
        Map<String, String> annotations = pod("Failed", restarts, problem);
        annotations.putAll(named(podName));
        if (forGood) {
            annotations.put(Annotations.STORAGE_IMPORT_FATAL_ERROR, "true");
        }
        return annotations;
    }

    /** CDI's clients see by it that the pod is made anew, which is no failure. */
    public static Map<String, String> scratchRequired() {
        return Map.of(Annotations.STORAGE_IMPORT_REQUIRES_SCRATCH, "true");
    }

    /** Forklift shows it to whoever migrates. */
    public static Map<String, String> readByVddk(VddkInfo info) {
        return Map.of(
                Annotations.STORAGE_POD_VDDK_VERSION, info.version(), Annotations.STORAGE_POD_VDDK_HOST, info.host());
    }

    /** @param preallocated whether every byte is allocated; empty when nothing was transferred */
    public static Map<String, String> succeeded(int restarts, String message, Optional<Boolean> preallocated) {
        Map<String, String> annotations = pod("Succeeded", restarts, Aspect.completed(message));
        annotations.put(Annotations.STORAGE_POPULATOR_PROGRESS, Progress.DONE);
        preallocated.ifPresent(applied -> annotations.put(Annotations.STORAGE_PREALLOCATION, applied.toString()));
        return annotations;
    }

    /** What a claim that is an operation of its own shows besides, from its status. */
    public static Map<String, String> of(DataVolumeStatus status) {
        Map<String, String> annotations = new LinkedHashMap<>();
        podPhase(DataVolumePhase.of(status.phase()))
                .ifPresent(phase -> annotations.put(Annotations.STORAGE_POD_PHASE, phase));
        annotations.put(
                Annotations.STORAGE_POD_RESTARTS,
                Integer.toString(status.restartCount() == null ? 0 : status.restartCount()));
        OwnedStatus.aspect(status, ConditionTypes.RUNNING).ifPresent(running -> {
            annotations.put(Annotations.STORAGE_POD_READY, Boolean.toString(running.isTrue()));
            annotations.put(Annotations.STORAGE_CONDITION_RUNNING, Boolean.toString(running.isTrue()));
            annotations.put(Annotations.STORAGE_CONDITION_RUNNING_REASON, running.reason());
            annotations.put(Annotations.STORAGE_CONDITION_RUNNING_MESSAGE, running.message());
        });
        OwnedStatus.aspect(status, ConditionTypes.BOUND).ifPresent(bound -> {
            annotations.put(Annotations.STORAGE_CONDITION_BOUND, Boolean.toString(bound.isTrue()));
            annotations.put(Annotations.STORAGE_CONDITION_BOUND_REASON, bound.reason());
            annotations.put(Annotations.STORAGE_CONDITION_BOUND_MESSAGE, bound.message());
        });
        return annotations;
    }

    private static Optional<String> podPhase(DataVolumePhase phase) {
        return switch (phase) {
            case IMPORT_SCHEDULED -> Optional.of("Pending");
            case IMPORT_IN_PROGRESS -> Optional.of("Running");
            case SUCCEEDED -> Optional.of("Succeeded");
            case FAILED -> Optional.of("Failed");
            default -> Optional.empty();
        };
    }

    private static Map<String, String> pod(String phase, int restarts, Aspect running) {
        Map<String, String> annotations = new LinkedHashMap<>();
        annotations.put(Annotations.STORAGE_POD_PHASE, phase);
        annotations.put(Annotations.STORAGE_POD_READY, Boolean.toString(running.isTrue()));
        annotations.put(Annotations.STORAGE_POD_RESTARTS, Integer.toString(restarts));
        annotations.put(Annotations.STORAGE_CONDITION_RUNNING, Boolean.toString(running.isTrue()));
        annotations.put(Annotations.STORAGE_CONDITION_RUNNING_REASON, running.reason());
        annotations.put(Annotations.STORAGE_CONDITION_RUNNING_MESSAGE, running.message());
        return annotations;
    }
}
