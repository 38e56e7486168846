package io.dvflow.activities.plan;

import io.dvflow.activities.Trouble;
import io.dvflow.api.v1beta1.ContentType;
import io.dvflow.api.v1beta1.DataVolumeSpec;
import io.dvflow.api.v1beta1.SourceKind;

/** Which sources this release carries out; the others stay where they are and say so. Pure. */
final class SupportedSources {

    private static final String NOT_SUPPORTED = "SourceNotSupported";

    private SupportedSources() {}

    static SourceKind require(DataVolumeSpec spec) {
        if (spec.source() == null) {
            throw notSupported(spec.sourceRef() == null ? "a claim that is filled from outside" : "sourceRef");
        }
        SourceKind kind = kindOf(spec);
        if (!SourceKind.SUPPORTED.contains(kind)) {
            throw notSupported("source " + kind.key());
        }
        if (ContentType.of(spec.contentType()) == ContentType.ARCHIVE && !kind.mayHoldArchive()) {
            throw Trouble.needsChange(
                    NOT_SUPPORTED,
                    "ContentType must be kubevirt when Source is " + kind.key() + ": an archive comes from "
                            + SourceKind.holdingArchivesInWords());
        }
        return kind;
    }

    private static SourceKind kindOf(DataVolumeSpec spec) {
        try {
            return SourceKind.of(spec.source());
        } catch (IllegalArgumentException e) {
            throw Trouble.needsChange(NOT_SUPPORTED, e.getMessage());
        }
    }

    private static Trouble notSupported(String what) {
        return Trouble.needsChange(
                NOT_SUPPORTED,
                "This release of dvflow does not carry out " + what + "; it carries out the sources "
                        + SourceKind.supportedInWords());
    }
}
