package io.dvflow.starter.intent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.dvflow.api.DvflowAnnotations;
import io.dvflow.api.v1beta1.DataVolume;
import io.dvflow.api.v1beta1.DataVolumePhase;
import io.dvflow.api.v1beta1.DataVolumeStatus;
import io.dvflow.starter.CommandRun;
import io.dvflow.starter.Exit;
import io.dvflow.starter.MockCluster;
import io.dvflow.starter.operation.DataVolumes;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.NonDeletingOperation;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.fabric8.kubernetes.client.server.mock.KubernetesMockServer;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

class RequestTest {
    private final KubernetesMockServer server = MockCluster.emptied();
    private final KubernetesClient client = MockCluster.client();

    @Test
    void pauseAndResumeSetAndRemoveTheAnnotation() {
        given(DataVolumes.in(DataVolumePhase.IMPORT_IN_PROGRESS).annotation("mine", "kept"));

        var paused = run("pause", "fedora");
        assertThat(paused.exit()).isEqualTo(Exit.OK.code());
        assertThat(paused.out())
                .isEqualTo("DataVolume vms/fedora asked: it rests at the next safe point; "
                        + "what was transferred is kept.\n");
        assertThat(annotations()).isEqualTo(Map.of("mine", "kept", DvflowAnnotations.PAUSED, "true"));

        assertThat(run("resume", "fedora").exit()).isEqualTo(Exit.OK.code());
        assertThat(annotations()).containsEntry("mine", "kept");
        assertThat(annotations().get(DvflowAnnotations.PAUSED)).isNull();
    }

    @Test
    void theRateIsSetAndTakenBack() {
        given(DataVolumes.in(DataVolumePhase.IMPORT_IN_PROGRESS));

        var limited = run("set-rate-limit", "fedora", "51200Ki");
        assertThat(limited.exit()).isEqualTo(Exit.OK.code());
        assertThat(limited.out())
                .isEqualTo("DataVolume vms/fedora asked: it reads at most 50Mi bytes per second from now on.\n");
        assertThat(annotations()).containsEntry(DvflowAnnotations.RATE_LIMIT, "50Mi");

        assertThat(run("set-rate-limit", "fedora", "none").exit()).isEqualTo(Exit.OK.code());
        assertThat(annotations().get(DvflowAnnotations.RATE_LIMIT)).isNull();
    }

    @Test
    void aRateThatIsNoneIsRefusedBeforeAnythingIsAsked() {
        given(DataVolumes.in(DataVolumePhase.IMPORT_IN_PROGRESS));

        var result = run("set-rate-limit", "fedora", "fast");

        assertThat(result.exit()).isEqualTo(Exit.USAGE.code());
        assertThat(result.err()).contains("expected bytes per second such as 50Mi, or none for no limit, found 'fast'");
        assertThat(annotations()).isNullOrEmpty();
    }

    @Test
    void everyRetryHasItsOwnToken() {
        given(DataVolumes.in(DataVolumePhase.IMPORT_IN_PROGRESS));

        run("retry", "fedora");
        String first = annotations().get(DvflowAnnotations.RETRY);
        run("retry", "fedora");

        assertThat(first).isNotBlank();
        assertThat(annotations().get(DvflowAnnotations.RETRY)).isNotBlank().isNotEqualTo(first);
    }

    @Test
    void waitReturnsWhenTheStatusShowsIt() {
        given(DataVolumes.in(DataVolumePhase.IMPORT_IN_PROGRESS));

        var running = CommandRun.against(server::createClient).start("pause", "fedora", "--wait");
        await().until(() -> annotations().containsKey(DvflowAnnotations.PAUSED));
        assertThat(running.result()).isNotDone();
        phase(DataVolumePhase.PAUSED);

        assertThat(running.result().join().exit()).isEqualTo(Exit.OK.code());
        assertThat(running.result().join().out()).startsWith("DataVolume vms/fedora done: it rests");
    }

    @Test
    void cancelIsDoneWhenTheOutcomeStandsOnTheObject() {
        given(DataVolumes.in(DataVolumePhase.IMPORT_IN_PROGRESS));

        var running = CommandRun.against(server::createClient).start("cancel", "fedora", "--wait");
        await().until(() -> annotations().containsKey(DvflowAnnotations.CANCELLED));
        edit(found -> found.getMetadata()
                .getAnnotations()
                .put(DvflowAnnotations.OUTCOME, DvflowAnnotations.OUTCOME_CANCELLED));

        assertThat(running.result().join().exit()).isEqualTo(Exit.OK.code());
    }

    @Test
    void aRequestThatCameTooLateIsRefused() {
        given(DataVolumes.in(DataVolumePhase.IMPORT_IN_PROGRESS));

        var running = CommandRun.against(server::createClient).start("cancel", "fedora", "--wait");
        await().until(() -> annotations().containsKey(DvflowAnnotations.CANCELLED));
        phase(DataVolumePhase.SUCCEEDED);

        assertThat(running.result().join().exit()).isEqualTo(Exit.REFUSED.code());
        assertThat(running.result().join().err())
                .contains("Too late to cancel DataVolume vms/fedora: it was finished successfully meanwhile.");
    }

    @Test
    void theTimeoutSaysThatTheRequestStillHolds() {
        given(DataVolumes.in(DataVolumePhase.IMPORT_IN_PROGRESS));

        var result = run("pause", "fedora", "--wait", "--timeout", "1s");

        assertThat(result.exit()).isEqualTo(Exit.TIMEOUT.code());
        assertThat(result.err()).contains("stands on the object", "it still holds", "'dvflow status -n vms fedora'");
    }

    @Test
    void aFinishedOneIsRefusedAndLeftAsItIs() {
        given(DataVolumes.in(DataVolumePhase.SUCCEEDED));

        var result = run("pause", "fedora");

        assertThat(result.exit()).isEqualTo(Exit.REFUSED.code());
        assertThat(result.err())
                .isEqualTo("error: Cannot pause DataVolume vms/fedora: it is finished successfully (phase Succeeded). "
                        + "A virtual machine or a pod can use the claim.\n");
        assertThat(annotations()).isNullOrEmpty();
    }

    @Test
    void theObjectCanBePrinted() {
        given(DataVolumes.in(DataVolumePhase.IMPORT_IN_PROGRESS));

        assertThat(run("pause", "fedora", "-o", "yaml").out()).contains(DvflowAnnotations.PAUSED + ": \"true\"");
    }

    private CommandRun.Result run(String... arguments) {
        return CommandRun.against(server::createClient).run(arguments);
    }

    private void given(DataVolumes dataVolume) {
        client.resource(dataVolume.build()).createOr(NonDeletingOperation::update);
    }

    private Map<String, String> annotations() {
        return fedora().get().getMetadata().getAnnotations();
    }

    private void phase(DataVolumePhase phase) {
        edit(found -> found.setStatus(new DataVolumeStatus("fedora", phase.wireName(), "N/A", 0, List.of())));
    }

    private void edit(Consumer<DataVolume> change) {
        fedora().edit(found -> {
            change.accept(found);
            return found;
        });
    }

    private Resource<DataVolume> fedora() {
        return client.resources(DataVolume.class).inNamespace("vms").withName("fedora");
    }
}
