package io.dvflow.api.crd;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinition;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The definitions in the chart are those of the Java types; with {@code -Dcrds.write=true} they are made so. */
class CrdFilesTest {
    private static final String COMMAND = "mvn -q -pl api -am test -Dtest=CrdFilesTest -Dcrds.write=true"
            + " -Dsurefire.failIfNoSpecifiedTests=false";

    static Iterable<CustomResourceDefinition> definitions() {
        return new Crds().all();
    }

    @ParameterizedTest
    @MethodSource("definitions")
    void chartHasTheDefinitionThatTheTypesGive(CustomResourceDefinition crd) throws IOException {
        String name = crd.getSpec().getNames().getPlural();
        String text = "# Generated from the Java types of api/; do not edit. Written by:\n#   " + COMMAND + "\n"
                + Serialization.asYaml(crd);
        assertThat(text).as("a chart template").doesNotContain("{{");
        Path file = ChartFiles.CRDS.resolve(name + ".yaml");
        if (Boolean.getBoolean("crds.write")) {
            Files.createDirectories(ChartFiles.CRDS);
            Files.writeString(file, text);
        }
        assertThat(file)
                .as("%s is not what the Java types give; regenerate with: %s", file, COMMAND)
                .hasContent(text);
    }
}
