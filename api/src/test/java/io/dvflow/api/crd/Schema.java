package io.dvflow.api.crd;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.BooleanNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.fabric8.kubernetes.api.model.apiextensions.v1.JSONSchemaProps;
import io.fabric8.kubernetes.api.model.apiextensions.v1.ValidationRule;
import io.fabric8.kubernetes.api.model.apiextensions.v1.ValidationRuleBuilder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** One place in a schema, to be made stricter. Each method returns the same place. */
record Schema(JSONSchemaProps props) {

    /** The place at a path of properties, such as {@code spec.pvc}; {@code []} steps into the items of a list. */
    Schema at(String path) {
        JSONSchemaProps place = props;
        for (String step : path.split("\\.")) {
            String name = step.replace("[]", "");
            JSONSchemaProps next = place.getProperties().get(name);
            if (next == null) {
                throw new IllegalArgumentException(
                        "No " + name + " on the way to " + path + "; there are " + properties(place));
            }
            place = step.endsWith("[]") ? next.getItems().getSchema() : next;
        }
        return new Schema(place);
    }

    private static List<String> properties(JSONSchemaProps place) {
        return List.copyOf(place.getProperties().keySet());
    }

    Map<String, JSONSchemaProps> properties() {
        return props.getProperties();
    }

    Schema required(String... names) {
        List<String> all = new ArrayList<>(props.getRequired());
        all.addAll(List.of(names));
        props.setRequired(all.stream().distinct().sorted().toList());
        return this;
    }

    /** @param rule CEL; {@code self} is the value at this place */
    Schema rule(String rule, String message) {
        List<ValidationRule> all = new ArrayList<>(props.getXKubernetesValidations());
        all.add(new ValidationRuleBuilder().withRule(rule).withMessage(message).build());
        props.setXKubernetesValidations(all);
        return this;
    }

    Schema oneOf(String... values) {
        props.setEnum(Arrays.stream(values).<JsonNode>map(TextNode::valueOf).toList());
        return this;
    }

    Schema defaultsTo(String value) {
        props.setDefault(TextNode.valueOf(value));
        return this;
    }

    Schema defaultsTo(boolean value) {
        props.setDefault(BooleanNode.valueOf(value));
        return this;
    }

    Schema minLength(long length) {
        props.setMinLength(length);
        return this;
    }

    Schema maxLength(long length) {
        props.setMaxLength(length);
        return this;
    }

    Schema maxItems(long count) {
        props.setMaxItems(count);
        return this;
    }

    Schema pattern(String pattern) {
        props.setPattern(pattern);
        return this;
    }

    /** A time in RFC 3339. Null is a time not set, which is how typed Go clients send it back. */
    Schema time() {
        props.setFormat("date-time");
        props.setNullable(true);
        return this;
    }

    Schema atomic() {
        props.setXKubernetesMapType("atomic");
        return this;
    }
}
