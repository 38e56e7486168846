package io.dvflow.bridge.profile;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.StreamSupport;

/** What an entry of the capability table asks of one parameter of a storage class. */
sealed interface ParameterCondition {

    boolean holds(Map<String, String> parameters, String key);

    record OneOf(List<String> values) implements ParameterCondition {
        @Override
        public boolean holds(Map<String, String> parameters, String key) {
            return values.contains(valueOf(parameters, key));
        }
    }

    record Found(Pattern pattern) implements ParameterCondition {
        @Override
        public boolean holds(Map<String, String> parameters, String key) {
            return pattern.matcher(valueOf(parameters, key)).find();
        }
    }

    record Pieces(Pattern separator, List<String> wanted) implements ParameterCondition {
        @Override
        public boolean holds(Map<String, String> parameters, String key) {
            return Arrays.asList(separator.split(valueOf(parameters, key))).containsAll(wanted);
        }
    }

    record Present() implements ParameterCondition {
        @Override
        public boolean holds(Map<String, String> parameters, String key) {
            return parameters.containsKey(key);
        }
    }

    record Absent() implements ParameterCondition {
        @Override
        public boolean holds(Map<String, String> parameters, String key) {
            return !parameters.containsKey(key);
        }
    }

    record NonEmpty() implements ParameterCondition {
        @Override
        public boolean holds(Map<String, String> parameters, String key) {
            return !valueOf(parameters, key).isEmpty();
        }
    }

    private static String valueOf(Map<String, String> parameters, String key) {
        return parameters.getOrDefault(key, "");
    }

    /** @throws IllegalArgumentException for something the table's head does not describe */
    static ParameterCondition of(JsonNode node) {
        if (node.isTextual()) {
            return switch (node.textValue()) {
                case "present" -> new Present();
                case "absent" -> new Absent();
                case "nonempty" -> new NonEmpty();
                case String text -> new OneOf(List.of(text));
            };
        }
        if (node.isArray()) {
            return new OneOf(textsOf(node));
        }
        if (node.has("regex")) {
            return new Found(Pattern.compile(node.get("regex").textValue()));
        }
        if (node.has("split") && node.has("hasAll")) {
            return new Pieces(Pattern.compile(node.get("split").textValue()), textsOf(node.get("hasAll")));
        }
        throw new IllegalArgumentException("A condition of the capability table is " + node
                + "; expected a text, a list, {regex} or {split, hasAll}");
    }

    private static List<String> textsOf(JsonNode list) {
        return StreamSupport.stream(list.spliterator(), false)
                .map(JsonNode::textValue)
                .toList();
    }
}
