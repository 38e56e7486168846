package io.dvflow.activities.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.dvflow.activities.Given;
import io.dvflow.activities.Trouble;
import io.dvflow.activities.claim.ClaimBuilder;
import io.dvflow.activities.claim.ClaimStore;
import io.dvflow.activities.claim.KubernetesClaims;
import io.dvflow.activities.claim.KubernetesClusterSettings;
import io.dvflow.activities.claim.Owners;
import io.dvflow.activities.status.Aspect;
import io.dvflow.activities.status.DataVolumeStore;
import io.dvflow.activities.status.EventNote;
import io.dvflow.activities.status.KubernetesDataVolumes;
import io.dvflow.activities.status.KubernetesEvents;
import io.dvflow.activities.status.OwnedStatus;
import io.dvflow.activities.status.StatusChange;
import io.dvflow.activities.status.StatusWriter;
import io.dvflow.activities.transfer.KubernetesTransferPods;
import io.dvflow.activities.transfer.TransferPods;
import io.dvflow.api.v1beta1.DataVolume;
import io.dvflow.api.v1beta1.DataVolumeCondition;
import io.dvflow.api.v1beta1.DataVolumePhase;
import io.dvflow.testbed.kubeapi.KubeApi;
import io.dvflow.testbed.kubeapi.KubeApiExtension;
import io.dvflow.workflows.OperationRef;
import io.dvflow.workflows.import_.ImportPlan.ClaimPath;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.Event;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.OwnerReference;
import io.fabric8.kubernetes.api.model.PersistentVolume;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.ResourceQuota;
import io.fabric8.kubernetes.api.model.ResourceQuotaStatus;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Base64;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What the API server really does with what the stores send. */
@ExtendWith(KubeApiExtension.class)
class StoresOnRealServerTest {

    private static final Path CRDS = Path.of("../helm/dvflow/templates/crds");

    private static KubernetesClient client;

    private String namespace;
    private DataVolumeStore objects;
    private ClaimStore claims;
    private TransferPods pods;
    private StatusWriter status;
    private DataVolume object;
    private OperationRef ref;

    @BeforeAll
    static void install(KubeApi api) {
        api.install(CRDS);
        client = api.client();
    }

    @BeforeEach
    void start() {
        namespace = "a-" + UUID.randomUUID().toString().substring(0, 8);
        client.resource(new NamespaceBuilder()
                        .withNewMetadata()
                        .withName(namespace)
                        .endMetadata()
                        .build())
                .create();
        objects = new KubernetesDataVolumes(client);
        claims = new KubernetesClaims(client);
        pods = new KubernetesTransferPods(client);
        status = new StatusWriter(objects, new KubernetesEvents(client, Clock.systemUTC()), Clock.systemUTC());
        object = Given.httpDataVolume();
        object.getMetadata().setNamespace(namespace);
        object.getMetadata().setUid(null);
        object.getMetadata().setResourceVersion(null);
        object.getMetadata().setFinalizers(List.of("dvflow.io/operation", "example.com/other"));
        object = client.resource(object).create();
        ref = StatusWriter.refOf(object);
    }

    @Test
    void theVddkLibraryIsNamedInTheInstallationsOwnNamespace() {
        KubernetesClient worker = new KubernetesClientBuilder()
                .withConfig(new ConfigBuilder(client.getConfiguration())
                        .withNamespace(namespace)
                        .build())
                .build();
        try (worker) {
            var settings = new KubernetesClusterSettings(worker, Clock.systemUTC());
            assertThat(settings.vddkLibraryImage()).isEmpty();

            client.resource(new ConfigMapBuilder()
                            .withNewMetadata()
                            .withNamespace(namespace)
                            .withName("v2v-vmware")
                            .endMetadata()
                            .addToData("vddk-init-image", "registry/vddk:8")
                            .build())
                    .create();
            settings.forget();

            assertThat(settings.vddkLibraryImage()).contains("registry/vddk:8");
        }
    }

    @Test
    void statusIsWrittenAsAWholeAndTheBridgesConditionStays() {
        client.resources(DataVolume.class)
                .inNamespace(namespace)
                .withName("fedora")
                .subresource("status")
                .patch(PatchContext.of(PatchType.JSON_MERGE), """
                        {"status":{"conditions":[{"type":"WorkflowEngineAvailable","status":"False"}]}}""");

        DataVolume written = status.write(
                status.read(ref),
                StatusChange.none()
                        .phase(DataVolumePhase.IMPORT_IN_PROGRESS)
                        .claimName("fedora")
                        .restarts(2)
                        .progress("12.50%")
                        .running(Aspect.podIsRunning()));

        assertThat(written.getStatus().phase()).isEqualTo("ImportInProgress");
        assertThat(written.getStatus().progress()).isEqualTo("12.50%");
        assertThat(written.getStatus().restartCount()).isEqualTo(2);
        assertThat(written.getStatus().conditions())
                .extracting(DataVolumeCondition::type)
                .containsExactlyInAnyOrder("WorkflowEngineAvailable", "Bound", "Ready", "Running");
    }

    @Test
    void statusOfAnObjectThatHasChangedSinceItWasReadIsRefused() {
        DataVolume seen = objects.find(ref).orElseThrow();
        client.resource(object).edit(it -> {
            it.getMetadata().setLabels(Map.of("changed", "yes"));
            return it;
        });

        assertThatThrownBy(() -> objects.applyStatus(
                        seen,
                        OwnedStatus.after(
                                null, StatusChange.none(), Clock.systemUTC().instant())))
                .isInstanceOf(Conflict.class);
        // And the writer reads it again.
        assertThat(status.write(seen, StatusChange.none().progress("1.00%"))
                        .getStatus()
                        .progress())
                .isEqualTo("1.00%");
    }

    @Test
    void anObjectMadeAnewUnderTheSameNameIsAnotherOne() {
        DataVolume seen = objects.find(ref).orElseThrow();
        client.resource(object).edit(it -> {
            it.getMetadata().setFinalizers(List.of());
            return it;
        });
        client.resource(object).delete();
        DataVolume again = Given.httpDataVolume();
        again.getMetadata().setNamespace(namespace);
        again.getMetadata().setUid(null);
        again.getMetadata().setResourceVersion(null);
        client.resource(again).create();

        assertThat(objects.find(ref)).isEmpty();
        assertThatThrownBy(() -> status.write(seen, StatusChange.none().progress("1.00%")))
                .satisfies(e -> assertThat(((Trouble) e).kind()).isEqualTo(Trouble.Kind.OBJECT_GONE));
    }

    @Test
    void outcomeAndFinalizerAreWrittenInOneAndOthersStay() {
        DataVolume patched = objects.patchMetadata(
                objects.find(ref).orElseThrow(),
                Map.of("dvflow.io/outcome", "succeeded"),
                List.of("example.com/other"));

        assertThat(patched.getMetadata().getFinalizers()).containsExactly("example.com/other");
        assertThat(patched.getMetadata().getAnnotations()).containsEntry("dvflow.io/outcome", "succeeded");
        assertThat(patched.getSpec().source().http().url()).isEqualTo("http://images/fedora.qcow2");
    }

    @Test
    void anEventIsToldOnce() {
        var events = new KubernetesEvents(client, Clock.systemUTC());
        events.publish(object, EventNote.warning("Error", "404 Not Found"));
        events.publish(object, EventNote.warning("Error", "404 Not Found"));
        events.publish(object, EventNote.warning("Error", "something else"));

        List<Event> told = client.v1().events().inNamespace(namespace).list().getItems();
        assertThat(told)
                .hasSize(2)
                .allSatisfy(
                        event -> assertThat(event.getInvolvedObject().getUid()).isEqualTo(ref.uid()));
    }

    @Test
    void claimsAreTakenAndAnnotatedAndReserved() {
        PersistentVolumeClaim target = claims.create(ClaimBuilder.target(object, Given.plan(ClaimPath.POPULATOR)));
        claims.create(ClaimBuilder.importSource(object, Given.plan(ClaimPath.POPULATOR)));
        PersistentVolumeClaim prime =
                claims.create(ClaimBuilder.prime(object, Given.plan(ClaimPath.POPULATOR), target));

        assertThat(target.getSpec().getDataSourceRef().getName()).isEqualTo("volume-import-source-" + ref.uid());
        assertThat(prime.getSpec().getDataSourceRef()).isNull();
        assertThat(Owners.isControlledBy(target, prime)).isTrue();
        assertThatThrownBy(() -> claims.create(ClaimBuilder.target(object, Given.plan(ClaimPath.POPULATOR))))
                .isInstanceOf(Conflict.class);

        PersistentVolumeClaim annotated = claims.annotate(target, Map.of("a", "b"));
        assertThat(annotated.getMetadata().getAnnotations())
                .containsEntry("a", "b")
                .containsEntry("cdi.kubevirt.io/storage.import.source", "http");
        assertThat(claims.label(target, Map.of("c", "d")).getMetadata().getLabels())
                .containsEntry("c", "d")
                .containsEntry("dvflow.io/datavolume-uid", ref.uid());

        PersistentVolume volume = client.resource(Given.yaml(
                        """
                        apiVersion: v1
                        kind: PersistentVolume
                        metadata: {name: %s}
                        spec:
                          accessModes: [ReadWriteOnce]
                          capacity: {storage: 1Gi}
                          hostPath: {path: /none}
                          claimRef: {namespace: %s, name: %s, uid: %s}
                        """.formatted(
                                        namespace,
                                        namespace,
                                        prime.getMetadata().getName(),
                                        prime.getMetadata().getUid()),
                        PersistentVolume.class))
                .create();
        PersistentVolume reserved = claims.reserve(volume, annotated, Map.of("dvflow.io/populated-for", ref.uid()));
        assertThat(reserved.getSpec().getClaimRef().getUid())
                .isEqualTo(target.getMetadata().getUid());
        assertThat(reserved.getSpec().getClaimRef().getName()).isEqualTo("fedora");
        assertThatThrownBy(() -> claims.reserve(volume, annotated, Map.of()))
                .as("the volume has changed since")
                .isInstanceOf(Conflict.class);
        client.resource(volume).delete();

        assertThat(claims.labelled(namespace, ref.uid())).hasSize(2);
        claims.delete(prime);
        claims.deleteImportSource(namespace, "volume-import-source-" + ref.uid());
        claims.deleteImportSource(namespace, "volume-import-source-" + ref.uid());
    }

    @Test
    void aPodIsFollowedFromNothingToNothing() {
        Bell bell = new Bell();
        try (Following<Pod> following = pods.follow(namespace, "importer-fedora", bell)) {
            assertThat(following.latest()).isEmpty();
            Pod created = pods.create(pod());
            following.created(created);
            assertThat(following.latest()).isPresent();
            await().until(following::isCurrent);
            assertThatThrownBy(() -> pods.create(pod())).isInstanceOf(Conflict.class);

            pods.delete(created);
            await().until(() -> following.latest().isEmpty());
            // Gone is gone.
            pods.delete(created);
        }
    }

    @Test
    void deletingAPodSparesTheOneThatTookItsName() {
        Pod first = pods.create(pod());
        pods.delete(first);
        await().until(() ->
                client.pods().inNamespace(namespace).withName("importer-fedora").get() == null);
        Pod second = pods.create(pod());

        pods.delete(first);

        assertThat(client.pods()
                        .inNamespace(namespace)
                        .withName("importer-fedora")
                        .get()
                        .getMetadata()
                        .getUid())
                .isEqualTo(second.getMetadata().getUid());
        pods.delete(second);
    }

    @Test
    void whatAPodReadsIsMadeOnceAndLeftAlone() {
        var login = new SecretBuilder()
                .withNewMetadata()
                .withNamespace(namespace)
                .withName("import-proxy-1")
                .endMetadata();

        pods.createBeside(login.addToStringData("http", "first").build());
        pods.createBeside(login.addToStringData("http", "second").build());

        assertThat(client.secrets()
                        .inNamespace(namespace)
                        .withName("import-proxy-1")
                        .get()
                        .getData())
                .containsEntry("http", base64("first"));
    }

    private static String base64(String text) {
        return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void aRefusalSaysWhatWasTriedAndWhy() {
        Pod nameless =
                new PodBuilder(pod()).editSpec().withContainers().endSpec().build();

        assertThatThrownBy(() -> pods.create(nameless))
                .satisfies(e -> assertThat(((Trouble) e).kind()).isEqualTo(Trouble.Kind.NEEDS_CHANGE))
                .hasMessageContaining("creating transfer pod " + namespace + "/importer-fedora")
                .hasMessageContaining("spec.containers");
    }

    private Pod pod() {
        return Given.yaml("""
                apiVersion: v1
                kind: Pod
                metadata: {name: importer-fedora, namespace: %s, labels: {dvflow.io/datavolume-uid: %s}}
                spec:
                  terminationGracePeriodSeconds: 0
                  automountServiceAccountToken: false
                  containers: [{name: importer, image: none}]
                """.formatted(namespace, ref.uid()), Pod.class);
    }

    @Test
    void aFullQuotaIsNamedAndDoesNotHideTheClaimThatFilledIt() {
        ResourceQuota quota = client.resource(Given.yaml("""
                        apiVersion: v1
                        kind: ResourceQuota
                        metadata: {namespace: %s, name: one-claim}
                        spec: {hard: {persistentvolumeclaims: "1"}}
                        """.formatted(namespace), ResourceQuota.class))
                .create();
        // No controller counts here; once the figures are there, admission goes on counting by itself.
        quota.setStatus(Given.yaml(
                "hard: {persistentvolumeclaims: \"1\"}\nused: {persistentvolumeclaims: \"0\"}",
                ResourceQuotaStatus.class));
        client.resource(quota).updateStatus();
        PersistentVolumeClaim target = ClaimBuilder.target(object, Given.plan(ClaimPath.DIRECT));
        claims.create(target);
        PersistentVolumeClaim second = ClaimBuilder.target(object, Given.plan(ClaimPath.DIRECT));
        second.getMetadata().setName("second");

        await().untilAsserted(() -> assertThatThrownBy(() -> claims.create(second))
                .isInstanceOfSatisfying(Trouble.class, trouble -> {
                    assertThat(trouble.reason()).isEqualTo("ErrExceededQuota");
                    assertThat(trouble).hasMessageContaining("resource quota one-claim");
                }));
        assertThatThrownBy(() -> claims.create(target)).isInstanceOf(Conflict.class);
    }

    @Test
    void aPodIsAnnotatedAndItsMountTroubleFound() {
        Pod pod = pods.create(new PodBuilder()
                .withNewMetadata()
                .withNamespace(namespace)
                .withName("importer-fedora")
                .endMetadata()
                .withNewSpec()
                .addNewContainer()
                .withName("importer")
                .withImage("transfer")
                .endContainer()
                .endSpec()
                .build());

        assertThat(pods.annotate(pod, Map.of("dvflow.io/rate-limit", "50Mi"))
                        .getMetadata()
                        .getAnnotations())
                .containsEntry("dvflow.io/rate-limit", "50Mi");
        assertThat(pods.annotate(pod, Collections.singletonMap("dvflow.io/rate-limit", null))
                        .getMetadata()
                        .getAnnotations())
                .doesNotContainKey("dvflow.io/rate-limit");
        pods.give(pod, Owners.controller(object));
        assertThat(client.resource(pod).get().getMetadata().getOwnerReferences())
                .extracting(OwnerReference::getUid)
                .containsExactly(ref.uid());
        assertThat(pods.mountTrouble(pod)).isEmpty();
        new KubernetesEvents(client, Clock.systemUTC()).publish(pod, EventNote.warning("BackOff", "something else"));
        new KubernetesEvents(client, Clock.systemUTC())
                .publish(pod, EventNote.warning("FailedMount", "secret \"login\" not found"));
        assertThat(pods.mountTrouble(pod)).contains("secret \"login\" not found");

        Pod another = new PodBuilder(pod)
                .editMetadata()
                .withUid("another")
                .endMetadata()
                .build();
        assertThat(pods.annotate(another, Map.of("a", "b"))).as("left alone").isEqualTo(another);
    }
}
