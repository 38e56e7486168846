package io.dvflow.api.crd;

import io.dvflow.api.v1beta1.CDICondition;
import io.dvflow.api.v1beta1.DataVolumeCondition;
import io.dvflow.api.v1beta1.StorageProfileCondition;
import io.fabric8.kubernetes.api.model.ResourceClaim;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** Rules that hold wherever a type occurs. */
final class TypeRules {
    private static final Map<Class<?>, List<String>> LIST_KEYS = Map.of(
            DataVolumeCondition.class, List.of("type"),
            StorageProfileCondition.class, List.of("type"),
            CDICondition.class, List.of("type"),
            ResourceClaim.class, List.of("name"));

    private static final Map<Class<?>, Consumer<Schema>> REFINEMENTS = refinements();

    private TypeRules() {}

    /** The fields that tell the items of a list apart; empty for a list that is replaced as a whole. */
    static List<String> listKeys(Class<?> element) {
        return LIST_KEYS.getOrDefault(element, List.of());
    }

    static void refine(Class<?> type, Schema schema) {
        REFINEMENTS.getOrDefault(type, _ -> {}).accept(schema);
    }

    private static Map<Class<?>, Consumer<Schema>> refinements() {
        Map<Class<?>, Consumer<Schema>> all = new HashMap<>();
        SourceRules.addTo(all);
        ClaimRules.addTo(all);
        DataVolumeRules.addTo(all);
        VolumeImportSourceRules.addTo(all);
        StorageProfileRules.addTo(all);
        ConfigRules.addTo(all);
        List.of(DataVolumeCondition.class, StorageProfileCondition.class, CDICondition.class)
                .forEach(type -> all.put(type, TypeRules::condition));
        return Map.copyOf(all);
    }

    private static void condition(Schema condition) {
        condition.required("status", "type");
        condition.at("lastTransitionTime").time();
        condition.at("lastHeartbeatTime").time();
    }
}
