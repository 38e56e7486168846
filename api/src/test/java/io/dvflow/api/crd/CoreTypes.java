package io.dvflow.api.crd;

import io.fabric8.kubernetes.api.model.HasMetadata;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;

/** What the Java types of Kubernetes' own objects do not say: descriptions, required fields, how they are merged. */
final class CoreTypes {
    private static final Map<String, List<String>> REQUIRED = Map.of(
            "LabelSelectorRequirement", List.of("key", "operator"),
            "NodeSelector", List.of("nodeSelectorTerms"),
            "NodeSelectorRequirement", List.of("key", "operator"),
            "PodAffinityTerm", List.of("topologyKey"),
            "PreferredSchedulingTerm", List.of("preference", "weight"),
            "ResourceClaim", List.of("name"),
            "TypedLocalObjectReference", List.of("kind", "name"),
            "TypedObjectReference", List.of("kind", "name"),
            "WeightedPodAffinityTerm", List.of("podAffinityTerm", "weight"));

    // TypedObjectReference is missing as it is in Kubernetes: its fields are merged one by one.
    private static final Set<String> ATOMIC = Set.of(
            "LabelSelector", "LocalObjectReference", "NodeSelector", "NodeSelectorTerm", "TypedLocalObjectReference");

    private final Properties descriptions;

    private CoreTypes(Properties descriptions) {
        this.descriptions = descriptions;
    }

    static CoreTypes load() {
        Properties descriptions = new Properties();
        try (InputStream file = CoreTypes.class.getResourceAsStream("core-types.properties")) {
            descriptions.load(file);
        } catch (IOException e) {
            throw new UncheckedIOException("Reading core-types.properties", e);
        }
        return new CoreTypes(descriptions);
    }

    String description(Class<?> owner, String field) {
        String key = owner.getSimpleName() + "." + field;
        String description = descriptions.getProperty(key);
        if (description == null) {
            throw new IllegalStateException("No description of " + key + ": add @JsonPropertyDescription to a type of"
                    + " our own, or a line to core-types.properties for one of Kubernetes'");
        }
        return description;
    }

    void refine(Class<?> type, Schema schema) {
        if (!type.getPackage().equals(HasMetadata.class.getPackage())) {
            return;
        }
        String name = type.getSimpleName();
        schema.required(REQUIRED.getOrDefault(name, List.of()).toArray(String[]::new));
        if (ATOMIC.contains(name)) {
            schema.atomic();
        }
    }
}
