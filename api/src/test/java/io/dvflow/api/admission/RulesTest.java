package io.dvflow.api.admission;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dvflow.api.crd.ChartFiles;
import io.dvflow.testbed.kubeapi.KubeApi;
import io.dvflow.testbed.kubeapi.KubeApiExtension;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Each rule, put to the API server itself. */
@ExtendWith(KubeApiExtension.class)
class RulesTest {
    private static KubernetesClient client;

    @BeforeAll
    static void install(KubeApi api) {
        client = api.client();
        api.install(ChartFiles.CRDS);
        client.resource(new NamespaceBuilder()
                        .withNewMetadata()
                        .withName(RuleRow.NAMESPACE)
                        .endMetadata()
                        .build())
                .create();
    }

    static Stream<RuleRow> rules() {
        return Stream.of("datavolume-rules.yaml", "other-rules.yaml")
                .map(RuleRow::load)
                .flatMap(List::stream);
    }

    @ParameterizedTest
    @MethodSource("rules")
    void acceptsTheOneAndRefusesTheOther(RuleRow row) {
        String name = row.rule().toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]+", "-");
        name = name.substring(0, Math.min(name.length(), 63)).replaceAll("-$", "");
        if (row.before() != null) {
            client.resource(row.object(name, row.before())).create();
        }

        GenericKubernetesResource valid = row.validObject(name);
        GenericKubernetesResource invalid = row.invalidObject(name);
        boolean change = row.before() != null;

        assertThatCode(() -> submit(valid, change))
                .as("accepts %s", row.valid())
                .doesNotThrowAnyException();
        assertThatThrownBy(() -> submit(invalid, change))
                .as("refuses %s", row.invalid())
                .isInstanceOf(KubernetesClientException.class)
                .hasMessageContaining(row.refusal());
    }

    // A dry run is validated and admitted like any other request, and leaves nothing behind.
    private static void submit(GenericKubernetesResource object, boolean change) {
        if (change) {
            client.resource(object).dryRun().update();
        } else {
            client.resource(object).dryRun().create();
        }
    }
}
