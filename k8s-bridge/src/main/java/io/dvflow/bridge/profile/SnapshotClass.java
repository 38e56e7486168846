package io.dvflow.bridge.profile;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;

/**
 * What matters of a VolumeSnapshotClass.
 *
 * @param isDefault whether it is its driver's default class
 */
record SnapshotClass(String name, String driver, boolean isDefault, Map<String, String> parameters) {

    static final String GROUP_VERSION = "snapshot.storage.k8s.io/v1";
    static final String KIND = "VolumeSnapshotClass";

    private static final String IS_DEFAULT = "snapshot.storage.kubernetes.io/is-default-class";

    /** The driver's default first, then by name. */
    static final Comparator<SnapshotClass> PREFERENCE =
            Comparator.comparing(SnapshotClass::isDefault).reversed().thenComparing(SnapshotClass::name);

    static SnapshotClass of(GenericKubernetesResource found) {
        Map<String, String> annotations = found.getMetadata().getAnnotations();
        Map<String, String> parameters = new HashMap<>();
        if (found.getAdditionalProperties().get("parameters") instanceof Map<?, ?> given) {
            given.forEach((key, value) -> parameters.put(String.valueOf(key), String.valueOf(value)));
        }
        return new SnapshotClass(
                found.getMetadata().getName(),
                String.valueOf(found.getAdditionalProperties().get("driver")),
                annotations != null && "true".equals(annotations.get(IS_DEFAULT)),
                parameters);
    }
}
