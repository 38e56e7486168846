package io.dvflow.activities.transfer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.dvflow.activities.Activities;
import io.dvflow.activities.FakeClaims;
import io.dvflow.activities.FakeObjects;
import io.dvflow.activities.FakePods;
import io.dvflow.activities.Given;
import io.dvflow.activities.Trouble;
import io.dvflow.activities.claim.ClaimBuilder;
import io.dvflow.activities.status.OwnedStatus;
import io.dvflow.activities.status.StatusWriter;
import io.dvflow.api.v1beta1.ImportProxy;
import io.dvflow.transfer.TransferOutcome;
import io.dvflow.workflows.import_.ImportPlan;
import io.dvflow.workflows.import_.ImportPlan.ClaimPath;
import io.dvflow.workflows.transfer.TransferActivities;
import io.dvflow.workflows.transfer.TransferProgress;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.temporal.testing.TestActivityEnvironment;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A pod that goes through a proxy gets what it needs for that, whichever attempt finds it without. */
class ProxiedTransferTest {

    private static final ImportPlan PLAN = Given.plan(ClaimPath.DIRECT);
    private static final ImportProxy PROXY = new ImportProxy("http://me:s3cret@proxy:3128", null, null, "corporate");

    private final FakeObjects objects = new FakeObjects(Given.httpDataVolume());
    private final FakeClaims claims = new FakeClaims();
    private final FakePods pods = new FakePods();
    private final TestActivityEnvironment temporal = Activities.environment();
    private volatile Optional<Map<String, String>> authorities = Optional.of(Map.of("ca.crt", "PEM"));
    private final TransferActivities activities = Activities.of(
            temporal,
            TransferActivities.class,
            new TransferActivitiesImpl(
                    new TransferActivitiesImpl.Doors(
                            new StatusWriter(objects, objects, Clock.systemUTC()),
                            claims,
                            pods,
                            objects,
                            new Unmetered()),
                    this::settings,
                    new TransferTimings(
                            Duration.ofMillis(20),
                            Duration.ZERO,
                            Duration.ZERO,
                            Duration.ofMinutes(1),
                            Duration.ofSeconds(1)),
                    Clock.systemUTC()));

    @BeforeEach
    void prepared() {
        claims.put(ClaimBuilder.target(Given.httpDataVolume(), PLAN));
    }

    @AfterEach
    void stop() {
        temporal.close();
    }

    @Test
    void theObjectsAreMadeOnceAndForThatPod() {
        CompletableFuture<?> transfer = start();
        await().until(() -> pods.beside().size() == 2);
        pods.waiting("ContainerCreating", "");
        await().until(() -> pods.created().size() == 1);
        end();
        transfer.join();

        assertThat(pods.beside()).extracting(HasMetadata::getKind).containsExactly("Secret", "ConfigMap");
        assertThat(pods.beside())
                .allMatch(object -> object.getMetadata()
                        .getOwnerReferences()
                        .getFirst()
                        .getUid()
                        .equals(pods.created().getFirst().getMetadata().getUid()));
    }

    @Test
    void aPodWhoseMakerCameNoFurtherGetsThemFromTheNextAttempt() {
        pods.failNextCreateBeside(Trouble.of(Trouble.Kind.TRANSIENT, "ApiServerUnavailable", "away"));
        Activities.failureOf(() -> activities.transfer(Given.REF, PLAN, TransferProgress.NONE));
        assertThat(pods.beside()).isEmpty();
        pods.waiting("ContainerCreating", "");

        CompletableFuture<?> transfer = start();
        await().until(() -> pods.beside().size() == 2);
        end();
        transfer.join();

        assertThat(pods.created()).as("the same pod").hasSize(1);
    }

    @Test
    void whatForbidsThemIsShownOnTheObject() {
        pods.failNextCreateBeside(Trouble.needsChange("Forbidden", "creating Secret vms/import-proxy is forbidden"));

        Activities.failureOf(() -> activities.transfer(Given.REF, PLAN, TransferProgress.NONE));

        assertThat(running()).contains("Error starting pod 'importer-fedora'").contains("import-proxy is forbidden");
    }

    @Test
    void authoritiesThatAreMissingAreShownOnTheObjectAndNoPodIsMade() {
        authorities = Optional.empty();

        Activities.failureOf(() -> activities.transfer(Given.REF, PLAN, TransferProgress.NONE));

        assertThat(running()).contains("ConfigMap corporate").contains("trustedCAProxy");
        assertThat(pods.created()).isEmpty();
    }

    private PodSettings settings() {
        return new PodSettings("transfer:1", "IfNotPresent", Optional.empty(), List.of(), Optional.empty(), List.of())
                .with(ImportProxies.of(PROXY, name -> authorities, "import-proxy-1")
                        .orElseThrow());
    }

    private CompletableFuture<?> start() {
        return CompletableFuture.runAsync(() -> activities.transfer(Given.REF, PLAN, TransferProgress.NONE));
    }

    private void end() {
        pods.end(0, new TransferOutcome.Complete("Import Complete", "qcow2", 1 << 30, 100, 200, false, List.of()));
    }

    private String running() {
        return OwnedStatus.aspect(objects.status(), "Running").orElseThrow().message();
    }
}
