package io.dvflow.bridge.operation;

import io.dvflow.api.ConditionTypes;
import io.dvflow.api.DvflowAnnotations;
import io.dvflow.api.Reasons;
import io.dvflow.api.v1beta1.DataVolume;
import io.dvflow.bridge.engine.EngineState;
import java.util.Optional;

/**
 * The conditions of a DataVolume that the bridge owns. They are there only to say that something is wrong: an operation
 * that can go on has neither, so that ordinary imports cost no extra write.
 *
 * @param engine why the workflow engine is not available, if it is not
 * @param support why nothing is carried out, if nothing is
 */
record BridgeConditions(Optional<Complaint> engine, Optional<Complaint> support) {

    static final BridgeConditions NONE = new BridgeConditions(Optional.empty(), Optional.empty());

    /** The condition is False, for this reason. */
    record Complaint(String reason, String message) {}

    private static final Complaint UNREACHABLE = new Complaint(
            Reasons.TEMPORAL_UNREACHABLE, "Temporal does not answer; the operation goes on when it is back");
    private static final Complaint UNREACHABLE_WHILE_DELETING = new Complaint(
            Reasons.TEMPORAL_UNREACHABLE,
            "Temporal does not answer; what the operation made is removed when it is back. The annotation "
                    + DvflowAnnotations.FORCE_RELEASE
                    + "=true lets the object go without that");
    private static final Complaint NO_WORKERS = new Complaint(
            Reasons.NO_WORKERS, "No worker is there to carry the operation out; it goes on when one is back");

    static BridgeConditions unsupported(String message) {
        return new BridgeConditions(
                Optional.empty(), Optional.of(new Complaint(Reasons.SOURCE_NOT_SUPPORTED, message)));
    }

    static BridgeConditions of(EngineState state) {
        return new BridgeConditions(
                switch (state) {
                    case AVAILABLE -> Optional.empty();
                    case NO_WORKERS -> Optional.of(NO_WORKERS);
                    case UNREACHABLE -> Optional.of(UNREACHABLE);
                },
                Optional.empty());
    }

    static BridgeConditions whileDeleting(EngineState state) {
        return state == EngineState.UNREACHABLE
                ? new BridgeConditions(Optional.of(UNREACHABLE_WHILE_DELETING), Optional.empty())
                : of(state);
    }

    /** Those that stand on an object now. */
    static BridgeConditions on(DataVolume dataVolume) {
        return new BridgeConditions(
                complaint(dataVolume, ConditionTypes.WORKFLOW_ENGINE_AVAILABLE),
                complaint(dataVolume, ConditionTypes.OPERATION_SUPPORTED));
    }

    private static Optional<Complaint> complaint(DataVolume dataVolume, String type) {
        return dataVolume.getStatus() == null
                ? Optional.empty()
                : dataVolume.getStatus().conditions().stream()
                        .filter(condition -> condition.type().equals(type))
                        .findFirst()
                        .map(condition -> new Complaint(condition.reason(), condition.message()));
    }
}
