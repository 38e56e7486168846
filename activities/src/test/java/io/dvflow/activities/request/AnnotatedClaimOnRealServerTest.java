package io.dvflow.activities.request;

import static org.assertj.core.api.Assertions.assertThat;

import io.dvflow.activities.Activities;
import io.dvflow.activities.FakePods;
import io.dvflow.activities.FakeSettings;
import io.dvflow.activities.claim.ClaimActivitiesImpl;
import io.dvflow.activities.claim.ClaimStore;
import io.dvflow.activities.claim.KubernetesClaims;
import io.dvflow.activities.claim.Rebind;
import io.dvflow.activities.claim.Scratch;
import io.dvflow.activities.finish.FinishActivitiesImpl;
import io.dvflow.activities.plan.PlanActivitiesImpl;
import io.dvflow.activities.status.AnnotatedClaims;
import io.dvflow.activities.status.KubernetesDataVolumes;
import io.dvflow.activities.status.KubernetesEvents;
import io.dvflow.activities.status.ObjectsByKind;
import io.dvflow.activities.status.StatusWriter;
import io.dvflow.api.Annotations;
import io.dvflow.api.DvflowAnnotations;
import io.dvflow.api.Finalizers;
import io.dvflow.testbed.kubeapi.KubeApi;
import io.dvflow.testbed.kubeapi.KubeApiExtension;
import io.dvflow.transfer.PhaseTiming;
import io.dvflow.workflows.OperationRef;
import io.dvflow.workflows.claim.ClaimActivities;
import io.dvflow.workflows.claim.ClaimState;
import io.dvflow.workflows.finish.FinishActivities;
import io.dvflow.workflows.finish.Outcome;
import io.dvflow.workflows.import_.ImportPlan;
import io.dvflow.workflows.import_.ImportPlan.ClaimPath;
import io.dvflow.workflows.import_.PlanActivities;
import io.dvflow.workflows.transfer.TransferReceipt;
import io.fabric8.kubernetes.api.model.Event;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaimBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.temporal.testing.TestActivityEnvironment;
import java.time.Clock;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** The activities on a claim that asks for an import itself, in a real API server. */
@ExtendWith(KubeApiExtension.class)
class AnnotatedClaimOnRealServerTest {

    private static KubernetesClient client;

    private final String namespace = "r-" + UUID.randomUUID().toString().substring(0, 8);
    private final TestActivityEnvironment temporal = Activities.environment();
    private PlanActivities planning;
    private ClaimActivities preparing;
    private FinishActivities finishing;

    @BeforeAll
    static void connect(KubeApi api) {
        client = api.client();
    }

    @BeforeEach
    void start() {
        client.resource(new NamespaceBuilder()
                        .withNewMetadata()
                        .withName(namespace)
                        .endMetadata()
                        .build())
                .create();
        var objects = new ObjectsByKind(new KubernetesDataVolumes(client), new AnnotatedClaims(client));
        var events = new KubernetesEvents(client, Clock.systemUTC());
        var status = new StatusWriter(objects, events, Clock.systemUTC());
        ClaimStore claims = new KubernetesClaims(client);
        var settings = new FakeSettings()
                .storageClass("fast", "Immediate")
                .csiDriverOf("fast")
                .storageClass("lazy", "WaitForFirstConsumer");
        planning = Activities.of(temporal, PlanActivities.class, new PlanActivitiesImpl(status, claims, settings));
        preparing = Activities.of(
                temporal,
                ClaimActivities.class,
                new ClaimActivitiesImpl(
                        status, claims, new Scratch(status, claims, settings), new Rebind(status, claims, events)));
        finishing = Activities.of(
                temporal, FinishActivities.class, new FinishActivitiesImpl(objects, status, claims, new FakePods()));
    }

    @AfterEach
    void stop() {
        temporal.close();
    }

    @Test
    void theClaimItselfIsFilledAlsoOnACsiClass() {
        OperationRef claim = create("fast", Map.of("storage.import.endpoint", "http://images/fedora.qcow2"));

        ImportPlan plan = planning.plan(claim);

        assertThat(plan.path()).isEqualTo(ClaimPath.DIRECT);
        assertThat(plan.claimName()).isEqualTo("fedora");
        assertThat(plan.diskBytes()).isEqualTo(1L << 30);
        assertThat(plan.waitForConsumer()).isFalse();
        assertThat(preparing.prepare(claim, plan)).isEqualTo(ClaimState.READY_TO_FILL);
        assertThat(client.persistentVolumeClaims().inNamespace(namespace).list().getItems())
                .as("no other claim is made")
                .hasSize(1);
    }

    @Test
    void aClassThatWaitsForAConsumerDoesSoUnlessAskedNotTo() {
        OperationRef waiting = create("lazy", Map.of("storage.import.endpoint", "http://images/fedora.qcow2"));

        ImportPlan plan = planning.plan(waiting);

        assertThat(preparing.prepare(waiting, plan)).isEqualTo(ClaimState.AWAITS_CONSUMER);
        assertThat(annotations())
                .containsEntry(Annotations.STORAGE_CONDITION_BOUND, "false")
                .containsEntry(Annotations.STORAGE_CONDITION_BOUND_REASON, "Pending");
        annotate(Annotations.STORAGE_BIND_IMMEDIATE_REQUESTED, "");
        assertThat(planning.plan(waiting).waitForConsumer()).isFalse();
    }

    @Test
    void aMistakeIsToldByConditionAndEvent() {
        OperationRef claim = create("fast", Map.of("storage.import.source", "htp", "storage.import.endpoint", "x"));
        String sentence =
                "Annotation cdi.kubevirt.io/storage.import.source is \"htp\", expected http, s3, gcs, registry, "
                        + "imageio, vddk or none";

        assertThat(Activities.failureOf(() -> planning.plan(claim)).getOriginalMessage())
                .isEqualTo(sentence);

        assertThat(annotations())
                .containsEntry(Annotations.STORAGE_CONDITION_RUNNING, "false")
                .containsEntry(Annotations.STORAGE_CONDITION_RUNNING_REASON, "InvalidAnnotation")
                .containsEntry(Annotations.STORAGE_CONDITION_RUNNING_MESSAGE, sentence)
                .doesNotContainKey(Annotations.STORAGE_POD_PHASE);
        Event event =
                client.v1().events().inNamespace(namespace).list().getItems().getFirst();
        assertThat(event.getInvolvedObject().getKind()).isEqualTo("PersistentVolumeClaim");
        assertThat(event.getInvolvedObject().getApiVersion()).isEqualTo("v1");
        assertThat(event.getInvolvedObject().getUid()).isEqualTo(claim.uid());
        assertThat(event.getMessage()).isEqualTo(sentence);
    }

    @Test
    void successStandsOnTheClaimAndItBelongsToNobody() {
        OperationRef claim = create("fast", Map.of("storage.import.endpoint", "http://images/fedora.qcow2"));
        ImportPlan plan = planning.plan(claim);

        finishing.succeed(claim, plan, Optional.of(receipt()));

        assertThat(annotations())
                .containsEntry(Annotations.STORAGE_POD_PHASE, "Succeeded")
                .containsEntry(Annotations.STORAGE_CONDITION_RUNNING, "false")
                .containsEntry(Annotations.STORAGE_CONDITION_RUNNING_REASON, "Completed")
                .containsEntry(Annotations.STORAGE_CONDITION_RUNNING_MESSAGE, "Import Complete")
                .containsEntry(DvflowAnnotations.OUTCOME, "succeeded");
        assertThat(claim().getMetadata().getOwnerReferences()).isEmpty();
        assertThat(claim().getMetadata().getFinalizers()).doesNotContain(Finalizers.OPERATION);
        assertThat(Activities.failureOf(() -> planning.plan(claim)).getMessage())
                .as("once filled it is never filled again")
                .contains("has ended already, as succeeded");
    }

    @Test
    void givingUpLetsGoOfTheClaimAndSaysSo() {
        OperationRef claim = create("fast", Map.of("storage.import.endpoint", "http://images/fedora.qcow2"));

        finishing.abandon(claim, Outcome.CANCELLED, "Cancelled on request");

        assertThat(annotations())
                .containsEntry(DvflowAnnotations.OUTCOME, "cancelled")
                .containsEntry(Annotations.STORAGE_CONDITION_RUNNING_REASON, "Cancelled");
        assertThat(claim().getMetadata().getFinalizers()).doesNotContain(Finalizers.OPERATION);
    }

    @Test
    void anotherClaimOfTheNameIsNotTheOneAskedFor() {
        create("fast", Map.of("storage.import.endpoint", "http://images/fedora.qcow2"));

        assertThat(Activities.failureOf(() -> planning.plan(OperationRef.ofClaim(namespace, "fedora", "another uid")))
                        .getMessage())
                .contains("Claim " + namespace + "/fedora (uid another uid) is gone, or another has its name");
    }

    private static TransferReceipt receipt() {
        return new TransferReceipt("Import Complete", "qcow2", 1L << 30, 100, 200, false, 0, List.<PhaseTiming>of());
    }

    private OperationRef create(String storageClass, Map<String, String> asked) {
        Map<String, String> annotations = new HashMap<>();
        asked.forEach((key, value) -> annotations.put(Annotations.PREFIX + key, value));
        PersistentVolumeClaim created = client.resource(new PersistentVolumeClaimBuilder()
                        .withNewMetadata()
                        .withNamespace(namespace)
                        .withName("fedora")
                        .withAnnotations(annotations)
                        .withFinalizers(Finalizers.OPERATION)
                        .endMetadata()
                        .withNewSpec()
                        .withAccessModes("ReadWriteOnce")
                        .withStorageClassName(storageClass)
                        .withNewResources()
                        .withRequests(Map.of("storage", new Quantity("1Gi")))
                        .endResources()
                        .endSpec()
                        .build())
                .create();
        return OperationRef.ofClaim(namespace, "fedora", created.getMetadata().getUid());
    }

    private PersistentVolumeClaim claim() {
        return client.persistentVolumeClaims()
                .inNamespace(namespace)
                .withName("fedora")
                .require();
    }

    private Map<String, String> annotations() {
        return claim().getMetadata().getAnnotations();
    }

    private void annotate(String key, String value) {
        client.persistentVolumeClaims()
                .inNamespace(namespace)
                .withName("fedora")
                .edit(found -> new PersistentVolumeClaimBuilder(found)
                        .editMetadata()
                        .addToAnnotations(key, value)
                        .endMetadata()
                        .build());
    }
}
