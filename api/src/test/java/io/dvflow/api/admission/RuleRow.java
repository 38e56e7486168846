package io.dvflow.api.admission;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.dvflow.api.v1beta1.CdiApi;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.GenericKubernetesResourceBuilder;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.util.List;
import java.util.Map;

/**
 * A rule of the API: a spec it accepts and the nearest one it refuses.
 *
 * @param refusal words in the refusal
 * @param before the spec that is created first, for a rule about changes; null for a rule about new objects
 * @param invalidName {@code LONG}, for a rule about names; otherwise null
 */
record RuleRow(
        String rule,
        String kind,
        String refusal,
        Map<String, Object> before,
        Map<String, Object> valid,
        Map<String, Object> invalid,
        @JsonProperty("name") String invalidName) {
    static final String NAMESPACE = "rules";

    private static final String LONG = "l".repeat(254);

    static List<RuleRow> load(String file) {
        return List.of(Serialization.unmarshal(RuleRow.class.getResourceAsStream(file), RuleRow[].class));
    }

    GenericKubernetesResource validObject(String name) {
        return object(name, valid);
    }

    GenericKubernetesResource invalidObject(String name) {
        return object("LONG".equals(invalidName) ? LONG : name, invalid);
    }

    GenericKubernetesResource object(String name, Map<String, Object> spec) {
        String kindOrDefault = kind == null ? "DataVolume" : kind;
        boolean namespaced = kindOrDefault.equals("DataVolume") || kindOrDefault.equals("VolumeImportSource");
        return new GenericKubernetesResourceBuilder()
                .withApiVersion(CdiApi.API_VERSION)
                .withKind(kindOrDefault)
                .withNewMetadata()
                .withName(name)
                .withNamespace(namespaced ? NAMESPACE : null)
                .endMetadata()
                .addToAdditionalProperties("spec", withLongNames(spec))
                .build();
    }

    private static Object withLongNames(Map<String, Object> spec) {
        return Serialization.unmarshal(
                Serialization.asJson(spec).replace("\"LONG\"", "\"" + LONG + "\""), Object.class);
    }

    @Override
    public String toString() {
        return (kind == null ? "" : kind + ": ") + rule;
    }
}
