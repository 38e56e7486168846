package io.dvflow.api.crd;

import static org.assertj.core.api.Assertions.assertThat;

import io.dvflow.api.ConditionTypes;
import io.dvflow.api.DvflowAnnotations;
import io.fabric8.kubernetes.api.model.apiextensions.v1.JSONSchemaProps;
import java.io.IOException;
import java.lang.reflect.Field;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** docs/reference/api.md leaves nothing out. */
class ReferenceTest {
    private static String page;

    @BeforeAll
    static void read() throws IOException {
        page = Files.readString(Path.of(System.getProperty("basedir", "."), "../docs/reference/api.md"));
    }

    @Test
    void listsTheWordsOfEveryRule() {
        List<String> words = new Crds()
                .all().stream()
                        .flatMap(crd -> crd.getSpec().getVersions().stream())
                        .flatMap(version -> messages(version.getSchema().getOpenAPIV3Schema()))
                        .map(ReferenceTest::words)
                        .distinct()
                        .toList();

        assertThat(words)
                .hasSizeGreaterThan(30)
                .allSatisfy(phrase -> assertThat(page).contains(phrase));
    }

    @Test
    void listsEveryAnnotationOfOurOwn() {
        assertThat(constants(DvflowAnnotations.class)
                        .filter(value -> value.startsWith(DvflowAnnotations.PREFIX))
                        .filter(value -> !value.equals(DvflowAnnotations.PREFIX)))
                .isNotEmpty()
                .allSatisfy(annotation -> assertThat(page).contains("`" + annotation + "`"));
    }

    @Test
    void listsEveryConditionOfADataVolume() {
        assertThat(Stream.of(
                        ConditionTypes.BOUND,
                        ConditionTypes.READY,
                        ConditionTypes.RUNNING,
                        ConditionTypes.WORKFLOW_ENGINE_AVAILABLE,
                        ConditionTypes.OPERATION_SUPPORTED))
                .allSatisfy(type -> assertThat(page).contains("| `" + type + "` |"));
    }

    /** What comes before the explanation, which may be worded anew. */
    private static String words(String message) {
        String known = "Required value: at least 1";
        int colon = message.startsWith(known) || message.startsWith("ContentType") ? -1 : message.indexOf(": ");
        return colon < 0 ? message : message.substring(0, colon);
    }

    private static Stream<String> messages(JSONSchemaProps schema) {
        Stream<String> own = schema.getXKubernetesValidations().stream().map(rule -> rule.getMessage());
        Stream<JSONSchemaProps> below = Stream.concat(
                schema.getProperties().values().stream(),
                Stream.ofNullable(schema.getItems()).map(items -> items.getSchema()));
        return Stream.concat(own, below.flatMap(ReferenceTest::messages));
    }

    private static Stream<String> constants(Class<?> type) {
        return Arrays.stream(type.getFields()).map(ReferenceTest::valueOf);
    }

    private static String valueOf(Field constant) {
        try {
            return (String) constant.get(null);
        } catch (IllegalAccessException e) {
            throw new IllegalStateException("Reading " + constant, e);
        }
    }
}
