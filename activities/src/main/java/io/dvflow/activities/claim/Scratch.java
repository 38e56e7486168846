package io.dvflow.activities.claim;

import io.dvflow.activities.Trouble;
import io.dvflow.activities.kubernetes.Conflict;
import io.dvflow.activities.status.Aspect;
import io.dvflow.activities.status.StatusChange;
import io.dvflow.activities.status.StatusWriter;
import io.dvflow.api.EventReasons;
import io.dvflow.api.Reasons;
import io.dvflow.api.v1beta1.CDIConfig;
import io.dvflow.api.v1beta1.CDIConfigStatus;
import io.dvflow.api.v1beta1.DataVolume;
import io.dvflow.workflows.claim.ScratchSpace;
import io.dvflow.workflows.import_.ImportPlan;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import java.util.Optional;

/** Makes room for a source that has to be kept while it is read: a claim beside the one that is filled. */
public final class Scratch {

    private static final String FILESYSTEM = "Filesystem";

    /** A source that claims to be larger says so to do harm. */
    private static final long MOST_BYTES = 1L << 50;

    private final StatusWriter status;
    private final ClaimStore claims;
    private final ClusterSettings settings;

    public Scratch(StatusWriter status, ClaimStore claims, ClusterSettings settings) {
        this.status = status;
        this.claims = claims;
        this.settings = settings;
    }

    /** @param askedBytes what the transfer needs; 0 if it does not know */
    ScratchSpace prepare(DataVolume object, ImportPlan plan, long askedBytes) {
        if (askedBytes > MOST_BYTES) {
            throw Trouble.needsChange(
                    Reasons.SCRATCH_SPACE_REQUIRED,
                    "The source needs " + askedBytes + " bytes of scratch space, and no more than " + MOST_BYTES
                            + " are made; check the source");
        }
        String namespace = object.getMetadata().getNamespace();
        PersistentVolumeClaim filled = FilledClaim.of(claims, FilledClaim.target(claims, namespace, plan), plan);
        status.write(object, StatusChange.none().bound(Aspect.creatingScratchSpace()));
        Optional<String> storageClass = storageClass(plan);
        FilesystemSpace space = ClaimRenderer.spaceIn(FILESYSTEM, storageClass, settings.config());
        long room = Math.max(asCdiWould(plan), askedBytes);
        long request = FilesystemSpace.roundUpToMib(Math.max(
                space.required(room), ClaimRenderer.smallestClaim(storageClass.flatMap(settings::storageProfile))));
        PersistentVolumeClaim wanted = ClaimBuilder.scratch(object, filled, storageClass, request);
        // Looked for first: a quota that it has used up would refuse it a second time.
        Optional<PersistentVolumeClaim> existing =
                claims.find(namespace, wanted.getMetadata().getName());
        return existing.isPresent()
                ? reuse(object, existing.get(), space, askedBytes)
                : spaceOf(claims.create(wanted), space);
    }

    private ScratchSpace reuse(DataVolume object, PersistentVolumeClaim found, FilesystemSpace space, long askedBytes) {
        String name = found.getMetadata().getName();
        if (!ClaimFacts.isTemporaryOf(object, found)) {
            throw Trouble.needsChange(
                    EventReasons.ERR_RESOURCE_EXISTS,
                    "Claim " + name + " exists and is none of this import's, which needs the name for its scratch "
                            + "space; delete it if nobody uses it");
        }
        if (found.getMetadata().getDeletionTimestamp() != null) {
            throw new Conflict("Scratch claim " + name + " is on its way out; waiting for it to be gone", null);
        }
        ScratchSpace there = spaceOf(found, space);
        if (there.bytes() >= askedBytes && !ClaimFacts.isLost(found)) {
            return there;
        }
        claims.delete(found);
        throw new Conflict(
                "Scratch claim " + name + " has room for " + there.bytes() + " bytes and " + askedBytes
                        + " are needed; it makes way for a larger one",
                null);
    }

    /** What a source of that disk may have, by CDI's reckoning: as much as the disk. */
    private static long asCdiWould(ImportPlan plan) {
        return FilesystemSpace.ofShare(plan.filesystemOverhead()).usable(plan.claimBytes());
    }

    private Optional<String> storageClass(ImportPlan plan) {
        return settings.config()
                .map(CDIConfig::getStatus)
                .map(CDIConfigStatus::scratchSpaceStorageClass)
                .filter(named -> !named.isEmpty())
                .or(plan::storageClass);
    }

    private static ScratchSpace spaceOf(PersistentVolumeClaim claim, FilesystemSpace space) {
        return new ScratchSpace(claim.getMetadata().getName(), space.usable(ClaimFacts.requestedBytes(claim)));
    }
}
