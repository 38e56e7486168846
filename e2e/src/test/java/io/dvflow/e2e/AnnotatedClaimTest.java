package io.dvflow.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.dvflow.api.Annotations;
import io.dvflow.api.DvflowAnnotations;
import io.dvflow.testbed.http.Fault;
import io.dvflow.testbed.http.FaultServer;
import io.dvflow.testbed.http.ResourceSpec;
import io.dvflow.testbed.http.ServerOptions;
import io.dvflow.workflows.OperationRef;
import io.dvflow.workflows.WorkflowIds;
import io.dvflow.workflows.import_.ImportResult;
import io.fabric8.kubernetes.api.model.Event;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaimBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfEnvironmentVariable;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A claim that says by its annotations where its disk comes from is filled without a DataVolume. */
@EnabledIfEnvironmentVariable(named = "DVFLOW_E2E", matches = "1")
class AnnotatedClaimTest {

    private static final long IMAGE_BYTES = 24 << 20;
    private static final String CLAIM_SIZE = "64Mi";

    @TempDir
    static Path directory;

    private static SourceImages images;
    private static Path image;
    private static FaultServer server;

    private final KubernetesClient kubernetes = TestCluster.get().kubernetes();

    @BeforeAll
    static void serveImages() {
        images = new SourceImages(directory);
        image = images.make("qcow2", IMAGE_BYTES, 5);
        server = FaultServer.start(
                ServerOptions.defaults().bind(TestCluster.get().hostAddress(), 0));
        server.add("/disk", ResourceSpec.of(image));
    }

    @AfterAll
    static void stopServing() {
        server.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"Filesystem", "Block"})
    void isFilledInPlace(String volumeMode) {
        try (var namespace = new TestNamespace("claim")) {
            OperationRef claim =
                    create(namespace, volumeMode, Map.of(Annotations.STORAGE_IMPORT_ENDPOINT, server.url("/disk")));

            awaitAnnotation(claim, Annotations.STORAGE_POD_PHASE, "Succeeded");
            awaitAnnotation(claim, DvflowAnnotations.OUTCOME, "succeeded");

            assertThat(annotations(claim))
                    .containsEntry(Annotations.STORAGE_IMPORT_POD_NAME, "importer-disk")
                    .containsEntry(Annotations.STORAGE_POD_RESTARTS, "0")
                    .containsEntry(Annotations.STORAGE_CONDITION_RUNNING, "false")
                    .containsEntry(Annotations.STORAGE_CONDITION_RUNNING_REASON, "Completed")
                    .containsEntry(Annotations.STORAGE_CONDITION_RUNNING_MESSAGE, "Import Complete")
                    .containsEntry(Annotations.STORAGE_CONDITION_BOUND, "true");
            long diskBytes = resultOf(claim).receipt().orElseThrow().diskBytes();
            var volume = new Volume(namespace.name(), "disk", volumeMode.equals("Block"));
            volume.startReader(
                    directory, images.expected(image, diskBytes).getFileName().toString());
            volume.awaitSame(diskBytes);
            Leftovers.assertNone(namespace, claim);
        }
    }

    @Test
    void anArchiveIsUnpackedInPlace(@TempDir Path content) {
        var tree = new ArchivedTree(content);
        server.add("/tree.tar", ResourceSpec.of(tree.archive()));
        try (var namespace = new TestNamespace("claim")) {
            OperationRef claim = create(
                    namespace,
                    "Filesystem",
                    Map.of(
                            Annotations.STORAGE_CONTENT_TYPE,
                            "archive",
                            Annotations.STORAGE_IMPORT_ENDPOINT,
                            server.url("/tree.tar")));

            awaitAnnotation(claim, DvflowAnnotations.OUTCOME, "succeeded");

            var volume = new Volume(namespace.name(), "disk", false);
            volume.startTreeReader(tree);
            volume.awaitSameTree();
            Leftovers.assertNone(namespace, claim);
        }
    }

    @Test
    void aMistakeIsNamedAndOverWhenItIsPutRight() {
        try (var namespace = new TestNamespace("mistake")) {
            OperationRef claim = create(
                    namespace,
                    "Filesystem",
                    Map.of(
                            Annotations.STORAGE_IMPORT_SOURCE,
                            "htp",
                            Annotations.STORAGE_IMPORT_ENDPOINT,
                            server.url("/disk")));
            String sentence = "Annotation cdi.kubevirt.io/storage.import.source is \"htp\", expected http, s3, gcs, "
                    + "registry, imageio, vddk or none";

            awaitAnnotation(claim, Annotations.STORAGE_CONDITION_RUNNING_MESSAGE, sentence);
            TestWaits.until(
                    "an event on the claim says so too",
                    () -> kubernetes.v1().events().inNamespace(namespace.name()).list().getItems().stream()
                            .filter(event ->
                                    claim.uid().equals(event.getInvolvedObject().getUid()))
                            .map(Event::getMessage)
                            .anyMatch(sentence::equals));

            annotate(claim, Annotations.STORAGE_IMPORT_SOURCE, "http");

            awaitAnnotation(claim, DvflowAnnotations.OUTCOME, "succeeded");
        }
    }

    @Test
    void deletingItWhileItIsFilledLeavesNothing() {
        try (var namespace = new TestNamespace("gone")) {
            var held = server.add("/held", ResourceSpec.of(image));
            held.faults(Fault.of(Fault.Kind.GATE).afterTotalBytes(image.toFile().length() / 2));
            OperationRef claim =
                    create(namespace, "Filesystem", Map.of(Annotations.STORAGE_IMPORT_ENDPOINT, server.url("/held")));
            TestWaits.until("the source is held half-way", () -> held.stats().held() > 0);

            resource(claim).delete();

            TestWaits.until("the claim is gone", () -> resource(claim).get() == null);
            held.faults();
            Leftovers.assertNothingAtAll(namespace, claim);
        }
    }

    private OperationRef create(TestNamespace namespace, String volumeMode, Map<String, String> annotations) {
        PersistentVolumeClaim created = kubernetes
                .resource(new PersistentVolumeClaimBuilder()
                        .withNewMetadata()
                        .withNamespace(namespace.name())
                        .withName("disk")
                        .withAnnotations(new HashMap<>(annotations))
                        .endMetadata()
                        .withNewSpec()
                        .withAccessModes("ReadWriteOnce")
                        .withVolumeMode(volumeMode)
                        .withStorageClassName("csi-immediate")
                        .withNewResources()
                        .addToRequests("storage", new Quantity(CLAIM_SIZE))
                        .endResources()
                        .endSpec()
                        .build())
                .create();
        return OperationRef.ofClaim(
                namespace.name(), "disk", created.getMetadata().getUid());
    }

    private static ImportResult resultOf(OperationRef claim) {
        return TestCluster.get()
                .temporal()
                .newUntypedWorkflowStub(WorkflowIds.importOf(claim))
                .getResult(ImportResult.class);
    }

    private Resource<PersistentVolumeClaim> resource(OperationRef claim) {
        return kubernetes
                .persistentVolumeClaims()
                .inNamespace(claim.namespace())
                .withName(claim.name());
    }

    private Map<String, String> annotations(OperationRef claim) {
        return Optional.ofNullable(resource(claim).require().getMetadata().getAnnotations())
                .orElse(Map.of());
    }

    private void awaitAnnotation(OperationRef claim, String key, String value) {
        TestWaits.until(
                "annotation " + key + " of claim " + claim + " is " + value,
                () -> value.equals(annotations(claim).get(key)));
    }

    private void annotate(OperationRef claim, String key, String value) {
        resource(claim)
                .patch(
                        PatchContext.of(PatchType.JSON_MERGE),
                        "{\"metadata\":{\"annotations\":{\"" + key + "\":\"" + value + "\"}}}");
    }
}
