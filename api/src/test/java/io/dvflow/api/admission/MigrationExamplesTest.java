package io.dvflow.api.admission;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import io.dvflow.api.crd.ChartFiles;
import io.dvflow.testbed.kubeapi.KubeApi;
import io.dvflow.testbed.kubeapi.KubeApiExtension;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The API server takes the examples of migrations, each part on its own, as they stand. */
@ExtendWith(KubeApiExtension.class)
class MigrationExamplesTest {

    private static final Path EXAMPLES = Path.of(System.getProperty("basedir", "."), "../docs/examples/migration");
    private static final String NAMESPACE = "migrations";

    private static KubernetesClient client;

    @BeforeAll
    static void install(KubeApi api) {
        client = api.client();
        api.install(ChartFiles.CRDS);
        Stream.of(NAMESPACE, "cdi")
                .forEach(name -> client.resource(new NamespaceBuilder()
                                .withNewMetadata()
                                .withName(name)
                                .endMetadata()
                                .build())
                        .serverSideApply());
    }

    static List<Path> examples() throws IOException {
        try (Stream<Path> files = Files.list(EXAMPLES)) {
            return files.sorted().toList();
        }
    }

    @ParameterizedTest
    @MethodSource("examples")
    void isTaken(Path example) throws IOException {
        List<HasMetadata> objects = client.load(Files.newInputStream(example)).items();

        assertThat(objects).isNotEmpty();
        for (HasMetadata object : objects) {
            if (object.getMetadata().getNamespace() == null) {
                object.getMetadata().setNamespace(NAMESPACE);
            }
            assertThatCode(() -> client.resource(object).dryRun().create())
                    .as("%s in %s", object.getMetadata().getName(), example.getFileName())
                    .doesNotThrowAnyException();
        }
    }
}
