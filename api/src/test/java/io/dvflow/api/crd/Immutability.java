package io.dvflow.api.crd;

import io.fabric8.kubernetes.api.model.apiextensions.v1.JSONSchemaProps;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A spec that cannot be changed, save for the checkpoints of a multi-stage import.
 *
 * <p>Fields are compared by meaning, as CDI does: a typed Go client that reads an object and writes it back drops
 * empty strings and lists, adds empty resources, and writes 1024Mi as 1Gi, and has changed nothing. Each object in the
 * schema gets one rule over its own fields, and so do the objects in it.
 */
final class Immutability {
    private static final Set<String> CHECKPOINT_FIELDS = Set.of("checkpoints", "finalCheckpoint");
    private static final String MULTI_STAGE = "self.?checkpoints.orValue([]).size() > 0"
            + " && (self.?source.?vddk.hasValue() || self.?source.?imageio.hasValue())";

    // Where CDI tells unset from false.
    private static final Set<String> THREE_VALUED = Set.of("preallocation", "insecureSkipVerify");

    private static final String SAME_SIZE = "('storage' in self) == ('storage' in oldSelf) && (!('storage' in self)"
            + " || quantity(string(self['storage'])).compareTo(quantity(string(oldSelf['storage']))) == 0)";

    private final String message;

    private Immutability(String kind) {
        this.message = "Cannot update " + kind + " Spec";
    }

    static void refine(Schema spec, String kind) {
        new Immutability(kind).freeze(spec);
    }

    private void freeze(Schema object) {
        List<String> unchanged = new ArrayList<>();
        List<String> unchangedUnlessMultiStage = new ArrayList<>();
        for (Map.Entry<String, JSONSchemaProps> property : object.properties().entrySet()) {
            String name = property.getKey();
            String same = "(" + same(name, property.getValue()) + ")";
            (CHECKPOINT_FIELDS.contains(name) ? unchangedUnlessMultiStage : unchanged).add(same);
        }
        if (!unchangedUnlessMultiStage.isEmpty()) {
            unchanged.add("((" + String.join(" && ", unchangedUnlessMultiStage) + ") || (" + MULTI_STAGE + "))");
        }
        if (!unchanged.isEmpty()) {
            object.rule(String.join(" && ", unchanged), message);
        }
    }

    private String same(String name, JSONSchemaProps schema) {
        String field = name.equals("namespace") ? "__namespace__" : name;
        return switch (schema.getType()) {
            case "string" -> equalOrEmpty(field, "%s == ''");
            case "array" -> equalOrEmpty(field, "%s.size() == 0");
            case "boolean" -> THREE_VALUED.contains(name) ? equal(field) : equalOrEmpty(field, "!%s");
            case "object" -> sameObject(field, schema);
            default -> throw new IllegalStateException("No comparison for " + name + " of type " + schema.getType());
        };
    }

    private String sameObject(String field, JSONSchemaProps schema) {
        if (schema.getAdditionalProperties() != null) {
            if (isQuantity(schema.getAdditionalProperties().getSchema())) {
                // A claim knows the one resource storage.
                new Schema(schema).rule(SAME_SIZE, message);
                return bothOrEmpty(field, "%s.size() == 0");
            }
            return equalOrEmpty(field, "%s.size() == 0");
        }
        if (schema.getXKubernetesMapType() != null) {
            return equal(field);
        }
        freeze(new Schema(schema));
        // CDI's Go type holds resources by value, so that they are always written.
        return field.equals("resources")
                ? bothOrEmpty(field, "(!has(%1$s.requests) && !has(%1$s.limits))")
                : "has(self.%1$s) == has(oldSelf.%1$s)".formatted(field);
    }

    private static boolean isQuantity(JSONSchemaProps schema) {
        return Boolean.TRUE.equals(schema.getXKubernetesIntOrString());
    }

    private static String equal(String field) {
        return "has(self.%1$s) == has(oldSelf.%1$s) && (!has(self.%1$s) || self.%1$s == oldSelf.%1$s)".formatted(field);
    }

    private static String equalOrEmpty(String field, String empty) {
        return ifBoth(field, "self.%1$s == oldSelf.%1$s".formatted(field), empty);
    }

    private static String bothOrEmpty(String field, String empty) {
        return ifBoth(field, "true", empty);
    }

    private static String ifBoth(String field, String same, String empty) {
        String before = "oldSelf." + field;
        String after = "self." + field;
        return "has(%2$s) && has(%1$s) ? %3$s : (!has(%2$s) || %4$s) && (!has(%1$s) || %5$s)"
                .formatted(before, after, same, empty.formatted(after), empty.formatted(before));
    }
}
