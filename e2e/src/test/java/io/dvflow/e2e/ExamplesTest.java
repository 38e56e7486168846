package io.dvflow.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dvflow.api.v1beta1.CDI;
import io.dvflow.api.v1beta1.CDIConfig;
import io.dvflow.api.v1beta1.CDIConfigStatus;
import io.dvflow.api.v1beta1.DataVolume;
import io.dvflow.api.v1beta1.DataVolumePhase;
import io.dvflow.api.v1beta1.DataVolumeSpec;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.VolumeResourceRequirements;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfEnvironmentVariable;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every manifest in {@code docs/examples} does what it promises, on servers that stand in for those it names. */
@EnabledIfEnvironmentVariable(named = "DVFLOW_E2E", matches = "1")
class ExamplesTest {

    private static final Path EXAMPLES = Path.of(System.getProperty("basedir", "."), "../docs/examples");
    private static final String ARCHIVE = "import-archive-datavolume.yaml";
    private static final String ARCHIVE_FOR_A_DEVICE = "import-archive-block-datavolume.yaml";
    private static final String CONFIGURATION = "example-cdiconfig.yaml";
    /** Manifests that need another one beside them. */
    private static final Map<String, String> GOES_WITH =
            Map.of("import-kubevirt-datavolume-secret.yaml", "endpoint-secret.yaml");

    /** Manifests that make no disk. */
    private static final Set<String> OTHERWISE_TRIED = Set.of(CONFIGURATION, ARCHIVE, ARCHIVE_FOR_A_DEVICE);

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

    /** Those with a DataVolume; the others are parts of them, or have a test of their own. */
    static List<String> manifests() throws IOException {
        try (Stream<Path> files = Files.list(EXAMPLES)) {
            return files.map(file -> file.getFileName().toString())
                    .filter(name -> name.endsWith(".yaml"))
                    .filter(name -> !GOES_WITH.containsValue(name) && !OTHERWISE_TRIED.contains(name))
                    .sorted()
                    .toList();
        }
    }

    @ParameterizedTest
    @MethodSource("manifests")
    void fillsItsVolume(String manifest) throws IOException {
        String applied = servers.onTheseServers(read(manifest));
        assertThat(applied.lines().filter(line -> !line.strip().startsWith("#")))
                .as("servers in %s that nothing stands in for; see ExampleServers", manifest)
                .noneMatch(line -> line.contains("https://") && !line.contains(servers.host()));
        try (var namespace = new TestNamespace("example")) {
            DataVolume made = namespace.applyAll(applied);
            String name = made.getMetadata().getName();
            long bytes = requestedBytes(made);
            namespace.awaitPhase(name, DataVolumePhase.SUCCEEDED);

            var volume = new Volume(namespace.name(), name, isBlock(made));
            Path expected = made.getSpec().source().blank() == null
                    ? images.expected(image, bytes)
                    : images.expectedBlank(bytes);
            volume.startReader(directory, expected.getFileName().toString());
            volume.awaitSame(bytes);
        } finally {
            servers.removeClusterObjects(applied);
        }
    }

    /** Who may do what there is asked in detail where no cluster is needed: here it is done. */
    @Test
    void anOwnerFillsTheGoldenNamespaceAndOthersRead() throws IOException {
        var kubernetes = TestCluster.get().kubernetes();
        var namespace = kubernetes.namespaces().withName("golden-images");
        try (KubernetesClient owner = as("image-owners", "system:authenticated");
                KubernetesClient other = as("system:authenticated")) {
            kubernetes
                    .load(Files.newInputStream(EXAMPLES.resolve("golden/golden-namespace.yaml")))
                    .create();
            DataVolume image = kubernetes
                    .getKubernetesSerialization()
                    .unmarshal(servers.onTheseServers(read("golden/golden-image-datavolume.yaml")), DataVolume.class);
            TestWaits.until("the roles are known", () -> maySee(other));

            assertThatThrownBy(() -> other.resource(image).create()).hasMessageContaining("cannot create resource");
            owner.resource(image).create();

            TestWaits.until(
                    "everybody sees that it is there",
                    () -> DataVolumePhase.of(other.resource(image).get()) == DataVolumePhase.SUCCEEDED);
        } finally {
            namespace.delete();
            TestWaits.until("the golden namespace is gone", () -> namespace.get() == null);
        }
    }

    private static boolean maySee(KubernetesClient client) {
        try {
            client.resources(DataVolume.class).inNamespace("golden-images").list();
            return true;
        } catch (KubernetesClientException e) {
            return false;
        }
    }

    private static KubernetesClient as(String... groups) {
        return new KubernetesClientBuilder()
                .withConfig(new ConfigBuilder(TestCluster.get().kubernetes().getConfiguration())
                        .withImpersonateUsername("somebody")
                        .withImpersonateGroups(groups)
                        .build())
                .build();
    }

    @Test
    void theArchiveIsUnpacked() throws IOException {
        try (var namespace = new TestNamespace("example")) {
            DataVolume made = namespace.apply(servers.onTheseServers(read(ARCHIVE)));
            String name = made.getMetadata().getName();
            namespace.awaitPhase(name, DataVolumePhase.SUCCEEDED);

            var volume = new Volume(namespace.name(), name, false);
            volume.startTreeReader(servers.tree());
            volume.awaitSameTree();
        }
    }

    @Test
    void theArchiveForADeviceIsRefusedAndSaysWhy() throws IOException {
        try (var namespace = new TestNamespace("example")) {
            DataVolume made = namespace.apply(servers.onTheseServers(read(ARCHIVE_FOR_A_DEVICE)));

            TestWaits.until("the refusal is said", () -> {
                var now = namespace.dataVolume(made.getMetadata().getName()).get();
                return now.getStatus() != null
                        && now.getStatus().conditions().stream()
                                .anyMatch(condition -> "ErrClaimNotValid".equals(condition.reason())
                                        && condition
                                                .message()
                                                .startsWith("DataVolume with ContentType Archive cannot have block"
                                                        + " volumeMode"));
            });
            assertThat(TestCluster.get()
                            .kubernetes()
                            .persistentVolumeClaims()
                            .inNamespace(namespace.name())
                            .list()
                            .getItems())
                    .isEmpty();
        }
    }

    @Test
    void theConfigurationComesIntoEffect() throws IOException {
        var kubernetes = TestCluster.get().kubernetes();
        var cdi = kubernetes.resources(CDI.class).withName("cdi");
        String before = kubernetes.getKubernetesSerialization().asJson(cdi.get().getSpec());
        String example = read(CONFIGURATION).replace("cheap", "csi-immediate");
        try {
            cdi.patch(
                    PatchContext.of(PatchType.JSON_MERGE),
                    kubernetes
                            .getKubernetesSerialization()
                            .asJson(kubernetes.getKubernetesSerialization().unmarshal(example)));

            TestWaits.until("the example is in effect", () -> {
                CDIConfigStatus status = kubernetes
                        .resources(CDIConfig.class)
                        .withName("config")
                        .get()
                        .getStatus();
                return "csi-immediate".equals(status.scratchSpaceStorageClass())
                        && "0.1"
                                .equals(status.filesystemOverhead()
                                        .storageClass()
                                        .get("csi-immediate"))
                        && new Quantity("512Mi")
                                .equals(status.defaultPodResourceRequirements()
                                        .getLimits()
                                        .get("memory"));
            });
        } finally {
            cdi.patch(
                    PatchContext.of(PatchType.JSON),
                    "[{\"op\":\"replace\",\"path\":\"/spec\",\"value\":" + before + "}]");
        }
    }

    private static String read(String manifest) throws IOException {
        String text = Files.readString(EXAMPLES.resolve(manifest));
        String other = GOES_WITH.get(manifest);
        return other == null ? text : Files.readString(EXAMPLES.resolve(other)) + "---\n" + text;
    }

    private static boolean isBlock(DataVolume volume) {
        DataVolumeSpec spec = volume.getSpec();
        return "Block"
                .equals(
                        spec.storage() == null
                                ? spec.pvc().getVolumeMode()
                                : spec.storage().volumeMode());
    }

    private static long requestedBytes(DataVolume volume) {
        DataVolumeSpec spec = volume.getSpec();
        VolumeResourceRequirements resources = spec.storage() == null
                ? spec.pvc().getResources()
                : spec.storage().resources();
        return Quantity.getAmountInBytes(resources.getRequests().get("storage")).longValueExact();
    }
}
