package io.dvflow.starter.output;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectWriter;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Locale;

/** How a result is written. */
public enum OutputFormat {
    TABLE,
    JSON,
    YAML;

    // Lower case in help and completion.
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }

    /**
     * The value as a document of this format, ending in a line break; tables are made by those who know the columns.
     */
    public String write(Object value) {
        return switch (this) {
            case TABLE -> throw new IllegalArgumentException("A table is not a document");
            case JSON -> text(Documents.json().writerWithDefaultPrettyPrinter(), value) + "\n";
            case YAML -> text(Documents.yaml().writer(), value);
        };
    }

    /** As {@link #write}, as one of a sequence: a JSON line, or a YAML document behind its separator. */
    public String writeInSequence(Object value) {
        return switch (this) {
            case TABLE -> throw new IllegalArgumentException("A table is not a document");
            case JSON -> text(Documents.json().writer(), value) + "\n";
            case YAML -> "---\n" + write(value);
        };
    }

    private static String text(ObjectWriter writer, Object value) {
        try {
            return writer.writeValueAsString(withoutNoise(value));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("Cannot write " + value.getClass().getSimpleName(), e);
        }
    }

    /** Drops what no reader of an object wants to see: the record of who owns which field, and empty members. */
    private static JsonNode withoutNoise(Object value) {
        JsonNode tree = Documents.json().valueToTree(value);
        tree.path("items").forEach(OutputFormat::dropNoise);
        dropNoise(tree);
        return tree;
    }

    private static void dropNoise(JsonNode node) {
        if (node.path("metadata") instanceof ObjectNode metadata) {
            metadata.remove("managedFields");
        }
        if (node instanceof ObjectNode object && object.path("status").isNull()) {
            object.remove("status");
        }
    }
}
