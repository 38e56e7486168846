package io.dvflow.activities.transfer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.dvflow.activities.Activities;
import io.dvflow.activities.Example;
import io.dvflow.activities.FakeClaims;
import io.dvflow.activities.FakeObjects;
import io.dvflow.activities.FakePods;
import io.dvflow.activities.Given;
import io.dvflow.activities.claim.ClaimBuilder;
import io.dvflow.activities.status.OwnedStatus;
import io.dvflow.activities.status.StatusWriter;
import io.dvflow.api.v1beta1.DataVolume;
import io.dvflow.transfer.TransferOutcome;
import io.dvflow.transfer.VddkInfo;
import io.dvflow.workflows.OperationRef;
import io.dvflow.workflows.import_.ImportPlan;
import io.dvflow.workflows.import_.ImportPlan.ClaimPath;
import io.dvflow.workflows.transfer.TransferActivities;
import io.dvflow.workflows.transfer.TransferProgress;
import io.dvflow.workflows.transfer.TransferReceipt;
import io.temporal.failure.ActivityFailure;
import io.temporal.testing.TestActivityEnvironment;
import java.time.Clock;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a transfer from VMware shows, and asks for, beyond what every transfer does. */
class VddkTransferTest {

    private static final ImportPlan PLAN = Given.plan(ClaimPath.DIRECT);

    private final DataVolume object = named();
    private final FakeClaims claims = new FakeClaims();
    private final FakePods pods = new FakePods();
    private final FakeObjects objects = new FakeObjects(object);
    private final Map<String, Map<String, String>> configMaps = new HashMap<>(Map.of("vms/vddk-args", Map.of()));
    private TestActivityEnvironment temporal;
    private TransferActivities activities;

    @BeforeEach
    void start() {
        claims.put(ClaimBuilder.target(object, PLAN));
        temporal = Activities.environment();
        var settings = new PodSettings(
                "transfer:1",
                "IfNotPresent",
                Optional.empty(),
                List.of(),
                Optional.empty(),
                List.of(),
                new PodSettings.Vddk(
                        "transfer-vddk:1",
                        Optional.of("vddk:8"),
                        (namespace, name) -> configMaps.get(namespace + "/" + name)));
        activities = Activities.of(
                temporal,
                TransferActivities.class,
                new TransferActivitiesImpl(
                        new TransferActivitiesImpl.Doors(
                                new StatusWriter(objects, objects, Clock.systemUTC()),
                                claims,
                                pods,
                                objects,
                                new Unmetered()),
                        () -> settings,
                        new TransferTimings(
                                Duration.ofMillis(20),
                                Duration.ZERO,
                                Duration.ZERO,
                                Duration.ofMinutes(1),
                                Duration.ofSeconds(1)),
                        Clock.systemUTC()));
    }

    @AfterEach
    void stop() {
        temporal.close();
    }

    @Test
    void theClaimSaysWhichLibraryReadFromWhichHost() {
        CompletableFuture<TransferReceipt> transfer = CompletableFuture.supplyAsync(this::transfer);
        await().until(() -> pods.created().size() == 1);
        pods.run();
        pods.end(
                0,
                new TransferOutcome.Complete("Import Complete", "raw", 1 << 30, 100, 200, false, List.of())
                        .withVddk(Optional.of(new VddkInfo("8.0.2", "esx12.test.local"))));

        transfer.join();

        assertThat(claims.annotations("fedora"))
                .containsEntry("cdi.kubevirt.io/storage.pod.vddk.version", "8.0.2")
                .containsEntry("cdi.kubevirt.io/storage.pod.vddk.host", "esx12.test.local");
    }

    @Test
    void thePodRunsOnTheNodesThatTheUsersSettingsName() {
        configMaps.put("vms/vddk-args", Map.of("vddk-node-selector", "{\"zone\": \"vmware\"}"));
        pods.onCreate(made -> made.end(
                0, new TransferOutcome.Complete("Import Complete", "raw", 1 << 30, 100, 200, false, List.of())));

        transfer();

        assertThat(pods.created().getFirst().getSpec().getNodeSelector())
                .containsEntry("zone", "vmware")
                .containsEntry("kubernetes.io/arch", "amd64");
    }

    @Test
    void aNodeSelectorThatIsNoneIsShown() {
        configMaps.put("vms/vddk-args", Map.of("vddk-node-selector", "zone=vmware"));

        assertThatThrownBy(this::transfer).isInstanceOf(ActivityFailure.class);

        assertThat(pods.created()).isEmpty();
        assertThat(OwnedStatus.aspect(objects.status(), "Running").orElseThrow().message())
                .contains("Error starting pod 'importer-fedora'")
                .contains("vddk-node-selector of ConfigMap vddk-args");
    }

    private TransferReceipt transfer() {
        OperationRef ref =
                new OperationRef("vms", "fedora", object.getMetadata().getUid());
        return activities.transfer(ref, PLAN, TransferProgress.NONE);
    }

    private static DataVolume named() {
        DataVolume object = Example.dataVolume("migration/vddk-args-field.yaml");
        object.getMetadata().setName("fedora");
        return object;
    }
}
