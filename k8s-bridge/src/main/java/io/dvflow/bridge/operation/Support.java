package io.dvflow.bridge.operation;

import io.dvflow.api.claim.AnnotatedClaim;
import io.dvflow.api.v1beta1.ContentType;
import io.dvflow.api.v1beta1.DataVolume;
import io.dvflow.api.v1beta1.DataVolumeSource;
import io.dvflow.api.v1beta1.DataVolumeSpec;
import io.dvflow.api.v1beta1.SourceKind;

/** Whether this release has a workflow for what a DataVolume asks. */
sealed interface Support {

    /** @param source key of the source kind, as in the API */
    record Import(String source) implements Support {}

    /** @param message what is not supported and what is, as a sentence for people */
    record None(String message) implements Support {}

    String WHAT_IS = "this release carries out the sources " + SourceKind.supportedInWords();

    /** A mistake in the annotations of a claim is told by its workflow, which hears when it is put right. */
    String MISTAKEN = "unclear";

    static Support of(DataVolume dataVolume) {
        return dataVolume instanceof AnnotatedClaim claim && claim.mistake().isPresent()
                ? new Import(MISTAKEN)
                : of(dataVolume.getSpec());
    }

    static Support of(DataVolumeSpec spec) {
        if (spec == null) {
            return new None("The DataVolume has no spec");
        }
        if (spec.sourceRef() != null) {
            return new None("A source given by reference (sourceRef) is not supported yet: " + WHAT_IS);
        }
        DataVolumeSource source = spec.source();
        if (source == null || source.members().isEmpty()) {
            return new None("Volumes that are filled outside of dvflow are not supported yet: " + WHAT_IS);
        }
        if (source.members().size() > 1) {
            return new None("The DataVolume names more than one source: exactly one may be set");
        }
        SourceKind kind = source.members().getFirst().kind();
        if (!SourceKind.SUPPORTED.contains(kind)) {
            return new None("Source " + kind.key() + " is not supported yet: " + WHAT_IS);
        }
        if (ContentType.ARCHIVE.wireName().equals(spec.contentType()) && !kind.mayHoldArchive()) {
            return new None("ContentType must be kubevirt when Source is " + kind.key() + ": an archive comes from "
                    + SourceKind.holdingArchivesInWords());
        }
        return new Import(kind.key());
    }
}
