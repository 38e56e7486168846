package io.dvflow.bridge.operation;

import io.dvflow.api.Finalizers;
import io.dvflow.api.v1beta1.DataVolumePhase;
import io.dvflow.workflows.Intent;
import io.dvflow.workflows.OperationRef;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Builds what was observed; by default an import under way that nobody asks anything of. */
final class Subjects {

    static final OperationRef REF = new OperationRef("vms", "fedora", "uid-1");

    private DataVolumePhase phase = DataVolumePhase.IMPORT_IN_PROGRESS;
    private boolean outcome;
    private final List<String> finalizers = new ArrayList<>(List.of("example.org/other", Finalizers.OPERATION));
    private boolean workflowId = true;
    private boolean deleting;
    private boolean forceRelease;
    private Support support = new Support.Import("http");
    private Intent intent = new Intent(7, false, false, Optional.empty());
    private BridgeConditions conditions = BridgeConditions.NONE;
    private long generation = 1;
    private boolean stages;
    private Optional<Consumer> consumer = Optional.empty();

    static Subjects subject() {
        return new Subjects();
    }

    Subjects phase(DataVolumePhase value) {
        phase = value;
        return this;
    }

    Subjects outcome() {
        outcome = true;
        return this;
    }

    Subjects withoutFinalizer() {
        finalizers.remove(Finalizers.OPERATION);
        return this;
    }

    Subjects withoutWorkflowId() {
        workflowId = false;
        return this;
    }

    Subjects deleting() {
        deleting = true;
        return this;
    }

    Subjects forceRelease() {
        forceRelease = true;
        return this;
    }

    Subjects unsupported(String message) {
        support = new Support.None(message);
        return this;
    }

    Subjects intent(Intent value) {
        intent = value;
        return this;
    }

    Subjects conditions(BridgeConditions value) {
        conditions = value;
        return this;
    }

    Subjects consumer(String id) {
        consumer = Optional.of(new Consumer(id));
        return this;
    }

    /** A multi-stage import whose spec has this generation. */
    Subjects stages(long specGeneration) {
        generation = specGeneration;
        stages = true;
        return this;
    }

    Subject.Present build() {
        return new Subject.Present(
                REF,
                "7",
                phase,
                phase.isTerminal() || outcome,
                List.copyOf(finalizers),
                finalizers.contains(Finalizers.OPERATION) && workflowId,
                deleting,
                forceRelease,
                support,
                intent,
                conditions,
                consumer,
                generation,
                stages);
    }
}
