package io.dvflow.starter.operation;

import io.dvflow.api.ConditionTypes;
import io.dvflow.api.DvflowAnnotations;
import io.dvflow.api.Reasons;
import io.dvflow.api.v1beta1.DataVolume;
import io.dvflow.api.v1beta1.DataVolumeCondition;
import io.dvflow.api.v1beta1.DataVolumePhase;
import io.dvflow.api.v1beta1.DataVolumeSpec;
import io.dvflow.api.v1beta1.DataVolumeStatus;
import io.dvflow.api.v1beta1.SourceKind;
import io.dvflow.workflows.OperationRef;
import io.dvflow.workflows.WorkflowIds;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import java.time.Instant;
import java.util.Arrays;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * One DataVolume as the command sees it: what is asked of its operation, and what its status says. A plain value,
 * read once.
 *
 * @param created when the object was created; empty for one that never was
 * @param source kind of source as in the spec, {@code external} when filled by others
 * @param address where the data come from, without credentials
 * @param phase {@code status.phase}
 * @param progress {@code status.progress} as written, {@code N/A} when absent
 * @param restarts attempts after the first
 * @param claim name of the claim that holds the data
 * @param conditions by type
 * @param pauseAsked whether the annotation that pauses it is there
 * @param cancelAsked whether the annotation that cancels it is there
 * @param multiStage whether it has checkpoints, between which it rests
 * @param outcome how it ended, as written by its workflow
 * @param deleting whether the object is being deleted
 * @param started whether the object says that its workflow was started
 * @param workflowId ID of its workflow; empty when it can neither be read nor derived
 */
public record Operation(
        String namespace,
        String name,
        String uid,
        Optional<Instant> created,
        String source,
        Optional<String> address,
        DataVolumePhase phase,
        String progress,
        int restarts,
        String claim,
        Map<String, DataVolumeCondition> conditions,
        boolean pauseAsked,
        boolean cancelAsked,
        boolean multiStage,
        Optional<String> outcome,
        boolean deleting,
        boolean started,
        Optional<String> workflowId) {
    /** Reason of the Running condition of an operation that is held by request. */
    public static final String REASON_PAUSED = "Paused";

    private static final String REASON_CANCELLED = "Cancelled";

    /** Reasons of a transfer that does not run for causes that are no trouble. */
    private static final Set<String> UNTROUBLED = Set.of(
            "",
            REASON_PAUSED,
            REASON_CANCELLED,
            Reasons.COMPLETED,
            Reasons.PENDING,
            Reasons.TRANSFER_RUNNING,
            Reasons.POD_IS_RUNNING,
            Reasons.POPULATOR_IS_RUNNING,
            Reasons.SCRATCH_SPACE_REQUIRED,
            Reasons.CREATING_SCRATCH_SPACE,
            Reasons.BOUND,
            "ContainerCreating",
            "PodInitializing");

    private static final String TRUE = "true";

    public static Operation of(DataVolume dataVolume) {
        ObjectMeta metadata = dataVolume.getMetadata();
        Map<String, String> annotations = Objects.requireNonNullElse(metadata.getAnnotations(), Map.of());
        Optional<DataVolumeStatus> status = Optional.ofNullable(dataVolume.getStatus());
        String source = sourceOf(dataVolume);
        return new Operation(
                metadata.getNamespace(),
                metadata.getName(),
                metadata.getUid(),
                Optional.ofNullable(metadata.getCreationTimestamp()).map(Instant::parse),
                source,
                SourceAddress.of(dataVolume),
                DataVolumePhase.of(dataVolume),
                status.map(DataVolumeStatus::progress).orElse("N/A"),
                status.map(DataVolumeStatus::restartCount).orElse(0),
                status.map(DataVolumeStatus::claimName)
                        .filter(claim -> !claim.isEmpty())
                        .orElse(metadata.getName()),
                status.stream()
                        .flatMap(written -> written.conditions().stream())
                        .collect(Collectors.toMap(
                                DataVolumeCondition::type, Function.identity(), (first, second) -> second)),
                TRUE.equals(annotations.get(DvflowAnnotations.PAUSED)),
                TRUE.equals(annotations.get(DvflowAnnotations.CANCELLED)),
                dataVolume.getSpec() != null
                        && !dataVolume.getSpec().checkpoints().isEmpty(),
                Optional.ofNullable(annotations.get(DvflowAnnotations.OUTCOME)),
                metadata.getDeletionTimestamp() != null,
                annotations.containsKey(DvflowAnnotations.WORKFLOW_ID),
                workflowId(metadata, annotations, source));
    }

    public Standing standing() {
        if (deleting) {
            return Standing.DELETING;
        }
        return outcome.map(Operation::ended).orElseGet(this::standingByPhase);
    }

    private Standing standingByPhase() {
        return switch (phase) {
            case SUCCEEDED -> Standing.SUCCEEDED;
            case FAILED -> Standing.FAILED;
            default -> showsPaused() ? Standing.PAUSED : Standing.OPEN;
        };
    }

    /** Whether the status shows that it is held, whoever asked for it. */
    public boolean showsPaused() {
        return phase == DataVolumePhase.PAUSED
                || condition(ConditionTypes.RUNNING)
                        .filter(running -> "False".equals(running.status()))
                        .filter(running -> REASON_PAUSED.equals(running.reason()))
                        .isPresent();
    }

    /** Whether data move right now. */
    public boolean isTransferring() {
        return isTrue(ConditionTypes.RUNNING);
    }

    /** 0 to 100, where the status gives a number. */
    public OptionalDouble percent() {
        if (!progress.matches("\\d{1,3}(\\.\\d+)?%")) {
            return OptionalDouble.empty();
        }
        return OptionalDouble.of(Double.parseDouble(progress.substring(0, progress.length() - 1)));
    }

    /** What is wrong at the moment, in the words of the conditions. */
    public Optional<String> trouble() {
        return troubleOf(ConditionTypes.RUNNING).or(() -> troubleOf(ConditionTypes.BOUND));
    }

    public Optional<DataVolumeCondition> condition(String type) {
        return Optional.ofNullable(conditions.get(type));
    }

    /** The message of a condition that is not true. */
    public Optional<String> unmet(String type) {
        return condition(type)
                .filter(condition -> !"True".equals(condition.status()))
                .map(Operation::words);
    }

    /** Why Temporal or its workers cannot be reached, while that is so. */
    public Optional<String> engineAway() {
        return condition(ConditionTypes.WORKFLOW_ENGINE_AVAILABLE)
                .filter(condition -> "False".equals(condition.status()))
                .map(Operation::words);
    }

    @Override
    public String toString() {
        return namespace + "/" + name;
    }

    private boolean isTrue(String type) {
        return condition(type)
                .filter(condition -> "True".equals(condition.status()))
                .isPresent();
    }

    private Optional<String> troubleOf(String type) {
        return condition(type)
                .filter(condition -> !"True".equals(condition.status()))
                .filter(condition -> !UNTROUBLED.contains(Objects.requireNonNullElse(condition.reason(), "")))
                .map(Operation::words)
                .filter(words -> !words.isEmpty());
    }

    private static Standing ended(String how) {
        return switch (how) {
            case DvflowAnnotations.OUTCOME_SUCCEEDED -> Standing.SUCCEEDED;
            case DvflowAnnotations.OUTCOME_CANCELLED -> Standing.CANCELLED;
            case DvflowAnnotations.OUTCOME_GAVE_UP -> Standing.GAVE_UP;
            default -> Standing.FAILED;
        };
    }

    private static String words(DataVolumeCondition condition) {
        boolean said = condition.message() != null && !condition.message().isBlank();
        return said ? condition.message().strip() : Objects.requireNonNullElse(condition.reason(), "");
    }

    private static String sourceOf(DataVolume dataVolume) {
        DataVolumeSpec spec = dataVolume.getSpec();
        if (spec == null) {
            return "external";
        }
        if (spec.sourceRef() != null) {
            return "sourceRef";
        }
        return Optional.ofNullable(spec.source())
                .flatMap(SourceAddress::theOnly)
                .map(source -> SourceKind.of(source).key())
                .orElse("external");
    }

    private static Optional<String> workflowId(ObjectMeta metadata, Map<String, String> annotations, String source) {
        return Optional.ofNullable(annotations.get(DvflowAnnotations.WORKFLOW_ID))
                .or(() -> isImport(source) && metadata.getUid() != null
                        ? Optional.of(WorkflowIds.importOf(
                                new OperationRef(metadata.getNamespace(), metadata.getName(), metadata.getUid())))
                        : Optional.empty());
    }

    private static boolean isImport(String source) {
        return Arrays.stream(SourceKind.values()).anyMatch(kind -> kind.key().equals(source) && kind.isImport());
    }
}
