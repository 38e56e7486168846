package io.dvflow.api.crd;

import io.dvflow.api.v1beta1.VolumeImportSourceSpec;
import java.util.Map;
import java.util.function.Consumer;

/** Rules between the fields of a VolumeImportSource. */
final class VolumeImportSourceRules {
    private VolumeImportSourceRules() {}

    static void addTo(Map<Class<?>, Consumer<Schema>> all) {
        all.put(VolumeImportSourceSpec.class, VolumeImportSourceRules::spec);
    }

    private static void spec(Schema spec) {
        spec.rule("has(self.source)", "Missing VolumeImport source");
        ContentTypeRules.refine(spec);
        spec.rule(
                "self.?checkpoints.orValue([]).size() == 0 || (has(self.targetClaim) && self.targetClaim != '')"
                        + " || !(self.?source.?vddk.hasValue() || self.?source.?imageio.hasValue())",
                "Unable to do multi-stage import without specifying a target claim");
        Immutability.refine(spec, "VolumeImportSource");
    }
}
