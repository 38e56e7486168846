package io.dvflow.bridge.operation;

import io.dvflow.api.DvflowAnnotations;
import io.dvflow.api.Finalizers;
import io.dvflow.api.claim.AnnotatedClaim;
import io.dvflow.api.v1beta1.DataVolume;
import io.dvflow.api.v1beta1.DataVolumePhase;
import io.dvflow.workflows.Intent;
import io.dvflow.workflows.OperationRef;
import io.dvflow.workflows.WorkflowIds;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** One operation's object as it was observed; all that decisions look at. */
sealed interface Subject {

    OperationRef ref();

    /** Deleted, or another object has its name. */
    record Gone(OperationRef ref) implements Subject {}

    /**
     * There.
     *
     * @param version its resource version
     * @param phase what its status says
     * @param ended whether it stands on the object that the operation is over
     * @param finalizers all of them, ours and others'
     * @param marked whether it carries our finalizer and the right workflow ID
     * @param deleting whether it waits only for its finalizers
     * @param forceRelease whether somebody asked to let it go whatever remains
     * @param support whether there is a workflow for it
     * @param intent what its annotations ask
     * @param conditions those of the bridge
     * @param consumer who wants to use its claim, if anybody
     * @param generation of its spec
     * @param stages whether it is a multi-stage import
     */
    record Present(
            OperationRef ref,
            String version,
            DataVolumePhase phase,
            boolean ended,
            List<String> finalizers,
            boolean marked,
            boolean deleting,
            boolean forceRelease,
            Support support,
            Intent intent,
            BridgeConditions conditions,
            Optional<Consumer> consumer,
            long generation,
            boolean stages)
            implements Subject {

        /** The generation of the spec that a multi-stage import without another checkpoint has to have seen. */
        Optional<Long> awaitsCheckpointSince() {
            return stages && phase == DataVolumePhase.PAUSED ? Optional.of(generation) : Optional.empty();
        }

        boolean held() {
            return finalizers.contains(Finalizers.OPERATION);
        }

        boolean waitsForConsumer() {
            return phase == DataVolumePhase.PENDING_POPULATION || phase == DataVolumePhase.WAIT_FOR_FIRST_CONSUMER;
        }
    }

    static Subject of(OperationRef ref, Optional<DataVolume> found, Optional<PersistentVolumeClaim> claim) {
        return found.filter(dataVolume -> dataVolume.getMetadata().getUid().equals(ref.uid()))
                .map(dataVolume -> present(ref, dataVolume, claim))
                .orElse(new Gone(ref));
    }

    private static Subject present(OperationRef ref, DataVolume dataVolume, Optional<PersistentVolumeClaim> claim) {
        ObjectMeta metadata = dataVolume.getMetadata();
        Map<String, String> annotations = annotationsOf(dataVolume);
        DataVolumePhase phase = DataVolumePhase.of(dataVolume);
        List<String> finalizers = metadata.getFinalizers() == null ? List.of() : List.copyOf(metadata.getFinalizers());
        boolean marked = finalizers.contains(Finalizers.OPERATION)
                && WorkflowIds.importOf(ref).equals(annotations.get(DvflowAnnotations.WORKFLOW_ID));
        return new Present(
                ref,
                metadata.getResourceVersion(),
                phase,
                phase.isTerminal() || annotations.containsKey(DvflowAnnotations.OUTCOME),
                finalizers,
                marked,
                metadata.getDeletionTimestamp() != null,
                isTrue(annotations, DvflowAnnotations.FORCE_RELEASE),
                Support.of(dataVolume),
                intentOf(dataVolume),
                BridgeConditions.on(dataVolume),
                claim.flatMap(Consumer::of),
                Optional.ofNullable(metadata.getGeneration()).orElse(0L),
                !dataVolume.getSpec().checkpoints().isEmpty());
    }

    static OperationRef refOf(DataVolume dataVolume) {
        ObjectMeta metadata = dataVolume.getMetadata();
        return new OperationRef(
                metadata.getNamespace(),
                metadata.getName(),
                metadata.getUid(),
                dataVolume instanceof AnnotatedClaim ? Optional.of(OperationRef.Kind.CLAIM) : Optional.empty());
    }

    /** What the annotations ask, with the version they were read at. */
    static Intent intentOf(DataVolume dataVolume) {
        Map<String, String> annotations = annotationsOf(dataVolume);
        return new Intent(
                Long.parseLong(dataVolume.getMetadata().getResourceVersion()),
                isTrue(annotations, DvflowAnnotations.PAUSED),
                isTrue(annotations, DvflowAnnotations.CANCELLED),
                Optional.ofNullable(annotations.get(DvflowAnnotations.RETRY)).filter(token -> !token.isEmpty()),
                Optional.ofNullable(annotations.get(DvflowAnnotations.RATE_LIMIT)));
    }

    private static Map<String, String> annotationsOf(DataVolume dataVolume) {
        Map<String, String> annotations = dataVolume.getMetadata().getAnnotations();
        return annotations == null ? Map.of() : annotations;
    }

    private static boolean isTrue(Map<String, String> annotations, String key) {
        return "true".equals(annotations.get(key));
    }
}
