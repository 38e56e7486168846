package io.dvflow.api.crd;

import io.dvflow.api.v1beta1.StorageSpec;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaimSpec;
import java.util.Map;
import java.util.function.Consumer;

/** Rules on the claim of a DataVolume, in full form and in short form. */
final class ClaimRules {
    private static final int NAME_LENGTH = 253;

    private ClaimRules() {}

    static void addTo(Map<Class<?>, Consumer<Schema>> all) {
        all.put(PersistentVolumeClaimSpec.class, ClaimRules::pvc);
        all.put(StorageSpec.class, ClaimRules::storage);
    }

    private static void pvc(Schema pvc) {
        pvc.rule(
                "self.?resources.?requests[?'storage'].hasValue()",
                "PVC size is missing: set resources.requests.storage");
        pvc.rule("self.?accessModes.orValue([]).size() > 0", "Required value: at least 1 access mode is required");
        pvc.rule("self.?accessModes.orValue([]).size() <= 1", "PVC multiple accessModes: exactly one is required");
        both(pvc, "PVC");
    }

    private static void storage(Schema storage) {
        both(storage, "Storage");
    }

    private static void both(Schema claim, String form) {
        accessModes(claim.at("accessModes"));
        claim.at("storageClassName").maxLength(NAME_LENGTH);
        size(claim, form);
        externalPopulation(claim);
    }

    // In alphabetical order, as clients compare the message that lists them.
    private static void accessModes(Schema modes) {
        new Schema(modes.props().getItems().getSchema())
                .oneOf("ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce", "ReadWriteOncePod");
    }

    private static void size(Schema claim, String form) {
        Schema requests = claim.at("resources.requests");
        requests.rule(ifSet("isGreaterThan(quantity('0'))"), form + " size can't be equal or less than zero");
        requests.rule(ifSet("compareTo(quantity('1Mi')) >= 0"), form + " size can't be less than 1Mi");
    }

    private static String ifSet(String comparison) {
        return "!('storage' in self) || quantity(string(self['storage']))." + comparison;
    }

    private static void externalPopulation(Schema claim) {
        for (String reference : new String[] {"dataSource", "dataSourceRef"}) {
            Schema at = claim.at(reference);
            at.rule("self.kind != '' && self.name != ''", reference + " is not valid: kind and name must not be empty");
            at.rule(
                    "self.kind == 'PersistentVolumeClaim' || " + Cel.isSet("apiGroup"),
                    reference + " is not valid: apiGroup is required unless the kind is PersistentVolumeClaim");
        }
        claim.at("dataSourceRef")
                .rule(
                        "!" + Cel.isSet("__namespace__"),
                        "dataSourceRef namespace is not supported: only objects of the same namespace fill volumes");
        claim.rule(
                "!has(self.dataSource) || !has(self.dataSourceRef)"
                        + " || (self.dataSource.kind == self.dataSourceRef.kind"
                        + " && self.dataSource.name == self.dataSourceRef.name"
                        + " && has(self.dataSource.apiGroup) == has(self.dataSourceRef.apiGroup)"
                        + " && (!has(self.dataSource.apiGroup)"
                        + " || self.dataSource.apiGroup == self.dataSourceRef.apiGroup))",
                "dataSource and dataSourceRef must match");
    }
}
