package io.dvflow.api.crd;

import io.dvflow.api.v1beta1.DataVolumeSpec;
import java.util.Map;
import java.util.function.Consumer;

/** Rules between the fields of a DataVolume. */
final class DataVolumeRules {
    private static final String EXTERNAL = "self.?%1$s.?dataSource.hasValue() || self.?%1$s.?dataSourceRef.hasValue()";
    private static final String EXTERNALLY_POPULATED =
            "(" + EXTERNAL.formatted("pvc") + " || " + EXTERNAL.formatted("storage") + ")";

    private DataVolumeRules() {}

    static void addTo(Map<Class<?>, Consumer<Schema>> all) {
        all.put(DataVolumeSpec.class, DataVolumeRules::spec);
    }

    private static void spec(Schema spec) {
        spec.rule("has(self.pvc) || has(self.storage)", "Missing Data volume PVC: set either pvc or storage");
        spec.rule(
                "!has(self.pvc) || !has(self.storage)",
                "Duplicate storage definition, both target storage and target pvc defined");
        spec.rule(
                "!has(self.storage) || self.?storage.?resources.?requests[?'storage'].hasValue() || has(self.sourceRef)"
                        + " || self.?source.?pvc.hasValue() || self.?source.?snapshot.hasValue()",
                "Storage size is missing: only a clone may leave storage.resources.requests.storage out");
        sources(spec);
        ContentTypeRules.refine(spec);
        Immutability.refine(spec, "DataVolume");
    }

    private static void sources(Schema spec) {
        spec.rule(
                EXTERNALLY_POPULATED + " || has(self.source) != has(self.sourceRef)",
                "Data volume should have either Source or SourceRef, or be externally populated");
        spec.rule(
                "!" + EXTERNALLY_POPULATED + " || (!has(self.source) && !has(self.sourceRef))",
                "External population is incompatible with Source and SourceRef");
    }
}
