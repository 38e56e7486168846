package io.dvflow.activities.claim;

import io.dvflow.activities.Trouble;
import io.dvflow.api.claim.AnnotatedClaim;
import io.dvflow.api.v1beta1.DataVolume;

/** What is wrong with the annotations of a claim; of a DataVolume, admission has refused it. Pure. */
public final class RequestMistakes {

    private static final String INVALID = "InvalidAnnotation";

    private RequestMistakes() {}

    /** @throws Trouble that names key, value and what is allowed */
    public static void refuse(DataVolume object) {
        if (object instanceof AnnotatedClaim claim) {
            claim.mistake().ifPresent(mistake -> {
                throw Trouble.needsChange(INVALID, mistake.sentence());
            });
        }
    }
}
