package io.dvflow.workflows.import_;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.dvflow.transfer.Checkpoint;
import io.dvflow.workflows.Intent;
import java.time.Instant;
import java.util.Optional;

/**
 * What was decided once, at the start, and holds for the whole operation, whatever profiles and classes become meanwhile.
 *
 * @param claimName the target claim, in the object's namespace
 * @param path how the claim is filled
 * @param waitForConsumer whether nothing may be provisioned before a pod uses the claim
 * @param volumeMode {@code Filesystem} or {@code Block}
 * @param accessMode the claim's access mode
 * @param storageClass its class; empty for a claim that binds without one
 * @param source kind of source, as in the object's spec ({@code http}, {@code blank})
 * @param diskBytes virtual size the finished disk shall have
 * @param claimBytes storage the claim requests; larger than the disk by the file-system overhead
 * @param filesystemOverhead share of the file system to leave free, 0 to 1; 0 for block volumes
 * @param preallocate whether every byte is allocated
 * @param maxAttempts the user's ceiling of transfer attempts, if there is one
 * @param deadline when the user wants it given up, if ever
 * @param intent what the object's annotations asked when the plan was made
 * @param stages what a multi-stage import copies, one after the other; empty for one that copies everything at once
 * @param checkpoint the stage that is copied just now
 */
public record ImportPlan(
        String claimName,
        ClaimPath path,
        boolean waitForConsumer,
        String volumeMode,
        String accessMode,
        Optional<String> storageClass,
        String source,
        long diskBytes,
        long claimBytes,
        double filesystemOverhead,
        boolean preallocate,
        Optional<Integer> maxAttempts,
        Optional<Instant> deadline,
        Intent intent,
        @JsonInclude(JsonInclude.Include.NON_ABSENT) Optional<Stages> stages,
        @JsonInclude(JsonInclude.Include.NON_ABSENT) Optional<Checkpoint> checkpoint) {

    public ImportPlan {
        storageClass = storageClass == null ? Optional.empty() : storageClass;
        maxAttempts = maxAttempts == null ? Optional.empty() : maxAttempts;
        deadline = deadline == null ? Optional.empty() : deadline;
        intent = intent == null ? Intent.NONE : intent;
        stages = stages == null ? Optional.empty() : stages;
        checkpoint = checkpoint == null ? Optional.empty() : checkpoint;
    }

    /** For an import that copies everything at once. */
    public ImportPlan(
            String claimName,
            ClaimPath path,
            boolean waitForConsumer,
            String volumeMode,
            String accessMode,
            Optional<String> storageClass,
            String source,
            long diskBytes,
            long claimBytes,
            double filesystemOverhead,
            boolean preallocate,
            Optional<Integer> maxAttempts,
            Optional<Instant> deadline,
            Intent intent) {
        this(
                claimName,
                path,
                waitForConsumer,
                volumeMode,
                accessMode,
                storageClass,
                source,
                diskBytes,
                claimBytes,
                filesystemOverhead,
                preallocate,
                maxAttempts,
                deadline,
                intent,
                Optional.empty(),
                Optional.empty());
    }

    /** The same, in these stages. */
    public ImportPlan inStages(Stages all) {
        return with(Optional.of(all), checkpoint);
    }

    /** The same, at this stage. */
    public ImportPlan at(Checkpoint stage) {
        return with(stages, Optional.of(stage));
    }

    private ImportPlan with(Optional<Stages> all, Optional<Checkpoint> stage) {
        return new ImportPlan(
                claimName,
                path,
                waitForConsumer,
                volumeMode,
                accessMode,
                storageClass,
                source,
                diskBytes,
                claimBytes,
                filesystemOverhead,
                preallocate,
                maxAttempts,
                deadline,
                intent,
                all,
                stage);
    }

    /** How a claim gets its content. */
    public enum ClaimPath {
        /** A prime claim is filled out of sight and its volume is then bound to the target claim. */
        POPULATOR,
        /** The target claim itself is filled; for classes without a CSI driver. */
        DIRECT,
        /** The claim is filled already (adopted, or pre-populated): nothing to transfer. */
        ALREADY_POPULATED
    }
}
