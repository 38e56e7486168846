package io.dvflow.activities.transfer;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.dvflow.activities.Trouble;
import io.dvflow.activities.transfer.source.VddkLibrary;
import io.dvflow.api.Reasons;
import io.fabric8.kubernetes.api.model.Pod;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/** On which nodes the VDDK library may run: it exists for amd64 alone, and users may narrow it down further. Pure. */
final class VddkNodes {

    /** CDI's: beside the library's settings, a node selector as a JSON object. */
    static final String KEY = "vddk-node-selector";

    private static final Map<String, String> AMD64 = Map.of("kubernetes.io/arch", "amd64");

    private static final JsonMapper JSON = JsonMapper.builder().build();

    private VddkNodes() {}

    static void addTo(Pod pod) {
        select(pod, AMD64);
    }

    /** @param settings what the user's ConfigMap holds */
    static void addTo(Pod pod, VddkLibrary library, Map<String, String> settings) {
        String selector = settings.get(KEY);
        if (selector != null && !selector.isBlank()) {
            select(pod, parse(selector, library));
        }
    }

    /** What is more special goes before what holds for all pods. */
    private static void select(Pod pod, Map<String, String> selector) {
        Map<String, String> all =
                new LinkedHashMap<>(Objects.requireNonNullElse(pod.getSpec().getNodeSelector(), Map.of()));
        all.putAll(selector);
        pod.getSpec().setNodeSelector(all);
    }

    private static Map<String, String> parse(String selector, VddkLibrary library) {
        try {
            return Optional.ofNullable(JSON.readValue(selector, new TypeReference<Map<String, String>>() {}))
                    .orElse(Map.of());
        } catch (JsonProcessingException e) {
            throw Trouble.needsChange(
                    Reasons.ERR_STARTING_POD,
                    "Key " + KEY + " of ConfigMap " + library.settings().orElse("") + " is no node selector: "
                            + e.getOriginalMessage()
                            + ". Expected a JSON object with strings, as in {\"zone\": \"vmware\"}");
        }
    }
}
