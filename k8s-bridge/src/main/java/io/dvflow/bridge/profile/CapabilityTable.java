package io.dvflow.bridge.profile;

import com.fasterxml.jackson.databind.JsonNode;
import io.dvflow.api.Reasons;
import io.dvflow.api.v1beta1.ClaimPropertySet;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/** What is known about storage provisioners, from a resource of this module. */
public final class CapabilityTable {

    private static final String RESOURCE = "capabilities.yaml";
    private static final Map<String, String> ACCESS_MODES =
            Map.of("RWO", "ReadWriteOnce", "RWX", "ReadWriteMany", "ROX", "ReadOnlyMany", "RWOP", "ReadWriteOncePod");

    private final Map<String, List<Capability>> byProvisioner;

    private CapabilityTable(Map<String, List<Capability>> byProvisioner) {
        this.byProvisioner = byProvisioner;
    }

    public static CapabilityTable load() {
        try (InputStream content = CapabilityTable.class.getResourceAsStream(RESOURCE)) {
            return of(Serialization.unmarshal(content, JsonNode.class));
        } catch (IOException e) {
            throw new UncheckedIOException("Reading the capability table " + RESOURCE, e);
        }
    }

    private static CapabilityTable of(JsonNode entries) {
        Map<String, List<Capability>> table = new HashMap<>();
        for (JsonNode entry : entries) {
            Capability capability = capabilityOf(entry);
            table.computeIfAbsent(capability.provisioner(), _ -> new ArrayList<>())
                    .add(capability);
        }
        return new CapabilityTable(table);
    }

    /** What is known about a class; never nothing, but it may be that nothing is known. */
    Capability of(String provisioner, Map<String, String> parameters) {
        return byProvisioner.getOrDefault(provisioner, List.of()).stream()
                .filter(capability -> capability.fits(parameters))
                .findFirst()
                .orElseGet(() -> unknown(provisioner));
    }

    private static Capability unknown(String provisioner) {
        return new Capability(
                provisioner,
                Map.of(),
                List.of(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                false,
                Map.of(),
                Optional.of(Reasons.UNRECOGNIZED_PROVISIONER),
                false,
                false);
    }

    private static Capability capabilityOf(JsonNode entry) {
        return new Capability(
                entry.get("provisioner").textValue(),
                mapOf(entry.path("when"), ParameterCondition::of),
                setsOf(entry.path("sets")),
                text(entry, "cloneStrategy"),
                text(entry, "dataImportCronSourceFormat"),
                text(entry, "minimumSupportedPvcSize"),
                entry.path("readWriteOnceForDataImportCron").asBoolean(),
                mapOf(entry.path("dataImportCronSnapshotParameters"), JsonNode::textValue),
                text(entry, "unrecognized"),
                entry.path("setsFromVolumes").asBoolean(),
                entry.path("unusable").asBoolean());
    }

    private static List<ClaimPropertySet> setsOf(JsonNode sets) {
        List<ClaimPropertySet> result = new ArrayList<>();
        for (JsonNode set : sets) {
            String[] modes = set.textValue().split("/");
            result.add(new ClaimPropertySet(List.of(ACCESS_MODES.get(modes[0])), modes[1]));
        }
        return result;
    }

    private static <V> Map<String, V> mapOf(JsonNode object, Function<JsonNode, V> value) {
        Map<String, V> result = new LinkedHashMap<>();
        object.properties().forEach(field -> result.put(field.getKey(), value.apply(field.getValue())));
        return result;
    }

    private static Optional<String> text(JsonNode entry, String key) {
        return Optional.ofNullable(entry.path(key).textValue());
    }
}
