package io.dvflow.api.crd;

import io.dvflow.api.v1beta1.ClaimPropertySet;
import io.dvflow.api.v1beta1.StorageProfileSpec;
import io.dvflow.api.v1beta1.StorageProfileStatus;
import java.util.Map;
import java.util.function.Consumer;

/** Rules on the StorageProfile. */
final class StorageProfileRules {
    static final String[] CLONE_STRATEGIES = {"copy", "snapshot", "csi-clone"};

    private StorageProfileRules() {}

    static void addTo(Map<Class<?>, Consumer<Schema>> all) {
        all.put(StorageProfileSpec.class, StorageProfileRules::spec);
        all.put(StorageProfileStatus.class, StorageProfileRules::properties);
        all.put(ClaimPropertySet.class, StorageProfileRules::claimPropertySet);
    }

    private static void spec(Schema spec) {
        properties(spec);
        spec.at("claimPropertySets[]").required("accessModes", "volumeMode");
    }

    private static void properties(Schema profile) {
        profile.at("cloneStrategy").oneOf(CLONE_STRATEGIES);
        profile.at("dataImportCronSourceFormat").oneOf("snapshot", "pvc");
        profile.at("claimPropertySets").maxItems(8);
    }

    private static void claimPropertySet(Schema set) {
        set.at("accessModes")
                .maxItems(4)
                .rule(
                        "self.all(mode, mode in ['ReadWriteOnce', 'ReadOnlyMany', 'ReadWriteMany',"
                                + " 'ReadWriteOncePod'])",
                        "Illegal AccessMode");
        set.at("volumeMode").oneOf("Block", "Filesystem");
    }
}
