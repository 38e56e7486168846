package io.dvflow.api.crd;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinition;
import io.fabric8.kubernetes.api.model.apiextensions.v1.JSONSchemaProps;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class DescriptionsTest {
    static Iterable<CustomResourceDefinition> definitions() {
        return new Crds().all();
    }

    @ParameterizedTest
    @MethodSource("definitions")
    void everyFieldIsDescribedInASentence(CustomResourceDefinition crd) {
        List<String> undescribed = new ArrayList<>();
        crd.getSpec()
                .getVersions()
                .forEach(version -> collect("", version.getSchema().getOpenAPIV3Schema(), undescribed));

        assertThat(undescribed).isEmpty();
    }

    private static void collect(String path, JSONSchemaProps schema, List<String> undescribed) {
        schema.getProperties().forEach((name, property) -> {
            String here = path + "." + name;
            // The API server puts its own schema of metadata in place of this one.
            if (!here.equals(".metadata") && !isSentence(property.getDescription())) {
                undescribed.add(here + ": " + property.getDescription());
            }
            collect(here, property, undescribed);
        });
        if (schema.getItems() != null) {
            collect(path + "[]", schema.getItems().getSchema(), undescribed);
        }
    }

    private static boolean isSentence(String description) {
        return description != null && description.matches("\\p{Upper}.{8,}\\.");
    }
}
