package io.dvflow.api.crd;

import com.fasterxml.jackson.databind.JavaType;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.introspect.BeanPropertyDefinition;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.apiextensions.v1.JSONSchemaProps;
import io.fabric8.kubernetes.api.model.apiextensions.v1.JSONSchemaPropsBuilder;
import io.fabric8.kubernetes.api.model.apiextensions.v1.JSONSchemaPropsOrArray;
import io.fabric8.kubernetes.api.model.apiextensions.v1.JSONSchemaPropsOrBool;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The structural schema of a Java type, with the fields that Jackson would write. What a type cannot say (required
 * fields, rules, formats) is added by {@link TypeRules} wherever the type occurs.
 */
final class SchemaGenerator {
    // The API server's own notation of a quantity.
    private static final String QUANTITY = "^(\\+|-)?(([0-9]+(\\.[0-9]*)?)|(\\.[0-9]+))"
            + "(([KMGTPE]i)|[numkMGTPE]|([eE](\\+|-)?(([0-9]+(\\.[0-9]*)?)|(\\.[0-9]+))))?$";

    private final ObjectMapper mapper = new ObjectMapper();
    private final CoreTypes coreTypes = CoreTypes.load();

    JSONSchemaProps of(Class<?> type) {
        return of(mapper.constructType(type));
    }

    private JSONSchemaProps of(JavaType type) {
        Class<?> raw = type.getRawClass();
        if (raw == String.class) {
            return scalar("string", null);
        }
        if (raw == Boolean.class) {
            return scalar("boolean", null);
        }
        if (raw == Integer.class) {
            return scalar("integer", "int32");
        }
        if (raw == Long.class) {
            return scalar("integer", "int64");
        }
        if (raw == Quantity.class) {
            return quantity();
        }
        if (type.isCollectionLikeType()) {
            return list(type.getContentType());
        }
        if (type.isMapLikeType()) {
            return map(type.getContentType());
        }
        return object(type);
    }

    private static JSONSchemaProps scalar(String type, String format) {
        return new JSONSchemaPropsBuilder().withType(type).withFormat(format).build();
    }

    private static JSONSchemaProps quantity() {
        return new JSONSchemaPropsBuilder()
                .withXKubernetesIntOrString(true)
                .withAnyOf(scalar("integer", null), scalar("string", null))
                .withPattern(QUANTITY)
                .build();
    }

    private JSONSchemaProps list(JavaType element) {
        JSONSchemaProps list = scalar("array", null);
        list.setItems(new JSONSchemaPropsOrArray(null, of(element)));
        List<String> keys = TypeRules.listKeys(element.getRawClass());
        if (keys.isEmpty()) {
            list.setXKubernetesListType("atomic");
        } else {
            list.setXKubernetesListType("map");
            list.setXKubernetesListMapKeys(keys);
        }
        return list;
    }

    private JSONSchemaProps map(JavaType value) {
        JSONSchemaProps map = scalar("object", null);
        map.setAdditionalProperties(new JSONSchemaPropsOrBool(null, of(value)));
        return map;
    }

    private JSONSchemaProps object(JavaType type) {
        Map<String, JSONSchemaProps> properties = new TreeMap<>();
        for (BeanPropertyDefinition property :
                mapper.getSerializationConfig().introspect(type).findProperties()) {
            JSONSchemaProps schema = of(property.getPrimaryType());
            schema.setDescription(description(type.getRawClass(), property));
            properties.put(property.getName(), schema);
        }
        JSONSchemaProps object = scalar("object", null);
        object.setProperties(properties);
        coreTypes.refine(type.getRawClass(), new Schema(object));
        TypeRules.refine(type.getRawClass(), new Schema(object));
        return object;
    }

    private String description(Class<?> owner, BeanPropertyDefinition property) {
        String ours = property.getMetadata().getDescription();
        return ours != null ? ours : coreTypes.description(owner, property.getName());
    }
}
