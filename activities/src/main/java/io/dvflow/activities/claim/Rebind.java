package io.dvflow.activities.claim;

import io.dvflow.activities.Patience;
import io.dvflow.activities.Trouble;
import io.dvflow.activities.kubernetes.Bell;
import io.dvflow.activities.kubernetes.Following;
import io.dvflow.activities.status.Aspect;
import io.dvflow.activities.status.EventNote;
import io.dvflow.activities.status.EventSink;
import io.dvflow.activities.status.StatusChange;
import io.dvflow.activities.status.StatusWriter;
import io.dvflow.api.Annotations;
import io.dvflow.api.EventReasons;
import io.dvflow.api.v1beta1.DataVolume;
import io.dvflow.workflows.import_.ImportPlan;
import io.dvflow.workflows.import_.ImportPlan.ClaimPath;
import io.fabric8.kubernetes.api.model.ObjectReference;
import io.fabric8.kubernetes.api.model.PersistentVolume;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/**
 * Gives the volume of a filled prime claim to its target claim, by reserving the volume for the target; the volume
 * controller then binds the two, and the prime claim, which has become Lost, is deleted.
 */
public final class Rebind {

    /** On a volume: UID of the DataVolume whose data are in it, written together with the reservation. */
    static final String POPULATED_FOR = "dvflow.io/populated-for";

    /** The volume controller looks at a reserved volume at once; longer than this, it is not running. */
    private static final Duration BINDING_SLICE = Duration.ofMinutes(2);

    private final StatusWriter status;
    private final ClaimStore claims;
    private final EventSink events;

    public Rebind(StatusWriter status, ClaimStore claims, EventSink events) {
        this.status = status;
        this.claims = claims;
        this.events = events;
    }

    /** Does nothing on the direct path, and nothing again once it is done. */
    PersistentVolumeClaim toTarget(DataVolume object, ImportPlan plan) {
        String namespace = object.getMetadata().getNamespace();
        PersistentVolumeClaim target = claims.find(namespace, plan.claimName())
                .filter(claim -> Owners.isControlledBy(object, claim))
                .orElseThrow(() -> lost("Target claim " + plan.claimName() + " of the filled volume is gone"));
        if (plan.path() != ClaimPath.POPULATOR) {
            return target;
        }
        Optional<PersistentVolumeClaim> prime =
                claims.find(namespace, ClaimNames.prime(target.getMetadata().getUid()));
        PersistentVolumeClaim bound = ClaimFacts.isBound(target) ? target : bind(object, prime, target);
        status.write(object, StatusChange.none().bound(Aspect.bound(plan.claimName())));
        prime.ifPresent(claim -> retainOrDelete(object, claim, bound));
        return bound;
    }

    private void retainOrDelete(DataVolume object, PersistentVolumeClaim prime, PersistentVolumeClaim target) {
        if (!"true".equals(ClaimBuilder.annotation(object, Annotations.STORAGE_POD_RETAIN_AFTER_COMPLETION))) {
            claims.delete(prime);
            return;
        }
        events.publish(
                target,
                EventNote.normal(
                        EventReasons.RETAINED_PVC_PRIME,
                        "Prime claim " + prime.getMetadata().getName() + " is retained, without a volume, until "
                                + target.getMetadata().getName() + " is deleted"));
    }

    private PersistentVolumeClaim bind(
            DataVolume object, Optional<PersistentVolumeClaim> prime, PersistentVolumeClaim target) {
        prime.ifPresent(claim -> reserveVolume(object, claim, target));
        return awaitBound(target, prime.isPresent());
    }

    /** A target that is bound already holds its data only if it was us who had it bound. */
    void requireOurs(DataVolume object, PersistentVolumeClaim target) {
        String volumeName = target.getSpec().getVolumeName();
        PersistentVolume volume = claims.volume(volumeName)
                .orElseThrow(() -> lost("Volume " + volumeName + " of claim "
                        + target.getMetadata().getName() + " is gone"));
        if (!object.getMetadata().getUid().equals(ClaimBuilder.annotation(volume, POPULATED_FOR))) {
            throw Trouble.needsChange(
                    EventReasons.ERR_CLAIM_NOT_VALID,
                    "Claim " + target.getMetadata().getName() + " was bound to volume " + volumeName
                            + " before it was filled, so its content is unknown; delete the DataVolume and make it "
                            + "anew, without a volume that matches its claim by chance");
        }
    }

    private void reserveVolume(DataVolume object, PersistentVolumeClaim prime, PersistentVolumeClaim target) {
        String volumeName = prime.getSpec().getVolumeName();
        if (volumeName == null || volumeName.isEmpty()) {
            throw Trouble.of(
                    Trouble.Kind.TRANSIENT,
                    "PrimeNotBound",
                    "Prime claim " + prime.getMetadata().getName() + " is filled but not bound to a volume yet");
        }
        PersistentVolume volume = claims.volume(volumeName)
                .orElseThrow(() -> lost("Volume " + volumeName + " of prime claim "
                        + prime.getMetadata().getName() + " is gone"));
        String holder = Optional.ofNullable(volume.getSpec().getClaimRef())
                .map(ObjectReference::getUid)
                .orElse("");
        if (holder.equals(target.getMetadata().getUid())) {
            return;
        }
        if (!holder.equals(prime.getMetadata().getUid())) {
            throw lost("Volume " + volumeName + " belongs to neither prime claim "
                    + prime.getMetadata().getName() + " nor its target any more");
        }
        claims.reserve(
                volume, target, Map.of(POPULATED_FOR, object.getMetadata().getUid()));
    }

    private PersistentVolumeClaim awaitBound(PersistentVolumeClaim target, boolean primeIsThere) {
        String namespace = target.getMetadata().getNamespace();
        String name = target.getMetadata().getName();
        Bell bell = new Bell();
        Patience patience = Patience.of(BINDING_SLICE);
        try (Following<PersistentVolumeClaim> following = claims.follow(namespace, name, bell)) {
            while (!patience.isOver()) {
                Optional<PersistentVolumeClaim> seen = following.latest();
                if (seen.filter(ClaimFacts::isBound).isPresent()) {
                    return seen.get();
                }
                patience.heartbeat("waiting for claim " + name + " to be bound to the filled volume");
                bell.await(Patience.TICK);
            }
        }
        if (!primeIsThere) {
            throw lost("The prime claim of " + name + " is gone and no volume is reserved for it");
        }
        throw Trouble.of(
                Trouble.Kind.TRANSIENT,
                "TargetNotBound",
                "Claim " + name + " is not bound " + BINDING_SLICE.toSeconds()
                        + " s after its volume was reserved for it; is the volume controller running?");
    }

    private static Trouble lost(String what) {
        return Trouble.of(
                Trouble.Kind.FINAL,
                EventReasons.ERR_CLAIM_LOST,
                what + ": the filled volume is lost; delete the DataVolume and make it anew");
    }
}
