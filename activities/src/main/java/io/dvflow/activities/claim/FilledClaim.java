package io.dvflow.activities.claim;

import io.dvflow.activities.Trouble;
import io.dvflow.api.EventReasons;
import io.dvflow.api.Reasons;
import io.dvflow.workflows.import_.ImportPlan;
import io.dvflow.workflows.import_.ImportPlan.ClaimPath;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;

/** Finds the claims of an import that has been prepared; without them there is nothing left to fill. */
public final class FilledClaim {

    private FilledClaim() {}

    /**
     * The claim that the user sees.
     *
     * @throws Trouble {@code Final} if it is gone
     */
    public static PersistentVolumeClaim target(ClaimStore claims, String namespace, ImportPlan plan) {
        return claims.find(namespace, plan.claimName()).orElseThrow(() -> gone("Claim " + plan.claimName()));
    }

    /**
     * The claim that is filled for it: the target itself, or its prime.
     *
     * @throws Trouble {@code Final} if it is gone
     */
    public static PersistentVolumeClaim of(ClaimStore claims, PersistentVolumeClaim target, ImportPlan plan) {
        String name = nameFor(target, plan);
        return plan.path() == ClaimPath.POPULATOR
                ? claims.find(target.getMetadata().getNamespace(), name)
                        .orElseThrow(() -> gone("Prime claim " + name + " of claim " + plan.claimName()))
                : target;
    }

    public static String nameFor(PersistentVolumeClaim target, ImportPlan plan) {
        return plan.path() == ClaimPath.POPULATOR
                ? ClaimNames.prime(target.getMetadata().getUid())
                : plan.claimName();
    }

    private static Trouble gone(String which) {
        return Trouble.of(
                Trouble.Kind.FINAL,
                EventReasons.ERR_CLAIM_LOST,
                which + " is gone (" + Reasons.NOT_FOUND + "), and what it held with it; delete the DataVolume and "
                        + "make it anew");
    }
}
