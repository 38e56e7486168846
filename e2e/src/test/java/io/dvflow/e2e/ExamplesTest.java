package io.dvflow.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.dvflow.api.v1beta1.DataVolume;
import io.dvflow.api.v1beta1.DataVolumePhase;
import io.fabric8.kubernetes.api.model.Quantity;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.condition.EnabledIfEnvironmentVariable;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every manifest in {@code docs/examples} does what it promises, on servers that stand in for those it names. */
@EnabledIfEnvironmentVariable(named = "DVFLOW_E2E", matches = "1")
class ExamplesTest {

    private static final Path EXAMPLES = Path.of(System.getProperty("basedir", "."), "../docs/examples");
    private static final long IMAGE_BYTES = 48 << 20;

    @TempDir
    static Path directory;

    private static SourceImages images;
    private static Path image;
    private static ExampleServers servers;

    @BeforeAll
    static void serve() {
        images = new SourceImages(directory);
        image = images.make("qcow2", IMAGE_BYTES, 9);
        servers = new ExampleServers(directory, image);
    }

    @AfterAll
    static void stopServing() {
        if (servers != null) {
            servers.close();
        }
    }

    static List<String> manifests() throws IOException {
        try (Stream<Path> files = Files.list(EXAMPLES)) {
            return files.map(file -> file.getFileName().toString())
                    .filter(name -> name.endsWith(".yaml"))
                    .sorted()
                    .toList();
        }
    }

    @ParameterizedTest
    @MethodSource("manifests")
    void fillsItsVolume(String manifest) throws IOException {
        String applied = servers.onTheseServers(Files.readString(EXAMPLES.resolve(manifest)));
        assertThat(applied.lines().filter(line -> !line.strip().startsWith("#")))
                .as("servers in %s that nothing stands in for; see ExampleServers", manifest)
                .noneMatch(line -> line.contains("https://"));
        try (var namespace = new TestNamespace("example")) {
            DataVolume made = namespace.applyAll(applied);
            String name = made.getMetadata().getName();
            long bytes = requestedBytes(made);
            namespace.awaitPhase(name, DataVolumePhase.SUCCEEDED);

            var volume = new Volume(namespace.name(), name, false);
            volume.startReader(
                    directory, images.expected(image, bytes).getFileName().toString());
            volume.awaitSame(bytes);
        }
    }

    private static long requestedBytes(DataVolume volume) {
        Quantity size = volume.getSpec().storage().resources().getRequests().get("storage");
        return Quantity.getAmountInBytes(size).longValueExact();
    }
}
