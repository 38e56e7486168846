package io.dvflow.starter.logs;

import static org.assertj.core.api.Assertions.assertThat;

import io.dvflow.api.DvflowAnnotations;
import io.dvflow.api.DvflowLabels;
import io.dvflow.api.Reasons;
import io.dvflow.api.v1beta1.DataVolumePhase;
import io.dvflow.starter.CommandRun;
import io.dvflow.starter.Exit;
import io.dvflow.starter.MockCluster;
import io.dvflow.starter.cluster.Installation;
import io.dvflow.starter.operation.DataVolumes;
import io.dvflow.transfer.KeptLog;
import io.dvflow.transfer.TransferJson;
import io.dvflow.transfer.TransferOutcome;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.ContainerState;
import io.fabric8.kubernetes.api.model.ContainerStateBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.NonDeletingOperation;
import io.fabric8.kubernetes.client.server.mock.KubernetesMockServer;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class LogsCommandTest {
    private static final String NOTE = "{\"type\":\"note\",\"level\":\"INFO\",\"text\":\"source is qcow2\"}";

    private final KubernetesMockServer server = MockCluster.emptied();
    private final KubernetesClient client = MockCluster.client();

    @Test
    void theNewestAttemptsLogIsPutIntoWords() {
        given("importer-fedora-1", "2026-01-01T00:00:00Z", running());
        given("importer-fedora-2", "2026-01-01T00:05:00Z", ended());
        log("importer-fedora-2", NOTE + "\nOpenJDK warning\n");

        var result = run("logs", "fedora");

        assertThat(result.exit()).isEqualTo(Exit.OK.code());
        assertThat(result.out())
                .isEqualTo("info  source is qcow2\nOpenJDK warning\nstopped: it was told to; what was done is kept\n");
    }

    @Test
    void rawLinesStayAsTheyAre() {
        given("importer-fedora-1", "2026-01-01T00:00:00Z", ended());
        log("importer-fedora-1", NOTE + "\n");

        assertThat(run("logs", "fedora", "--raw").out()).isEqualTo(NOTE + "\n");
    }

    @Test
    void itIsSaidWhoseWordsFollowAndWhoseAreGone() {
        client.resource(DataVolumes.in(DataVolumePhase.IMPORT_IN_PROGRESS)
                        .restarts(2)
                        .build())
                .create();
        given("importer-fedora-1", "2026-01-01T00:00:00Z", ended());
        log("importer-fedora-1", NOTE + "\n");

        assertThat(run("logs", "fedora").err())
                .isEqualTo(
                        "Pod importer-fedora-1, which has ended; restarts so far: 2. The logs of earlier attempts are "
                                + "gone with their pods.\n");
    }

    @Test
    void withoutAPodTheLastErrorIsToldAndWhereToReadMore() {
        client.resource(DataVolumes.in(DataVolumePhase.IMPORT_IN_PROGRESS)
                        .running("False", Reasons.ERROR, "401 Unauthorized")
                        .annotation(DvflowAnnotations.WORKFLOW_ID, "import/vms/fedora/1")
                        .build())
                .create();

        var result = run("logs", "fedora");

        assertThat(result.exit()).isEqualTo(Exit.NOT_FOUND.code());
        assertThat(result.err())
                .isEqualTo(
                        "error: DataVolume vms/fedora has no transfer pod, and a log goes with its pod; it is under way "
                                + "(phase ImportInProgress). Last error: 401 Unauthorized. See 'dvflow status -n vms fedora' and "
                                + "its workflow in Temporal, import/vms/fedora/1.\n");
    }

    @Test
    void theEndOfTheLogIsShownWhenThePodIsGone() {
        givenKeptLog();

        var result = run("logs", "fedora");

        assertThat(result.exit()).isEqualTo(Exit.OK.code());
        assertThat(result.out())
                .isEqualTo("info  source is qcow2\nOpenJDK warning\nstopped: it was told to; what was done is kept\n");
        assertThat(result.err())
                .isEqualTo("Pod importer-fedora, of attempt 3, is gone; this is what is kept of its log, its end.\n");
        assertThat(run("logs", "fedora", "--raw", "--tail", "1").out()).isEqualTo("OpenJDK warning\n");
    }

    @Test
    void aPodThatHasNotStartedDoesNotHideWhatTheOneBeforeItSaid() {
        givenKeptLog();
        given("importer-fedora", "2026-01-01T00:00:00Z", waiting());

        assertThat(run("logs", "fedora").out()).startsWith("info  source is qcow2\n");
    }

    @Test
    void whatIsNoLogOfOursIsNotShown() {
        client.resource(DataVolumes.in(DataVolumePhase.IMPORT_IN_PROGRESS)
                        .annotation(DvflowAnnotations.LOG, "{\"lines\":17}")
                        .build())
                .create();

        assertThat(run("logs", "fedora").exit()).isEqualTo(Exit.NOT_FOUND.code());
    }

    private void givenKeptLog() {
        var kept = new KeptLog("importer-fedora", 3, List.of(NOTE, "OpenJDK warning"))
                .ending(Optional.of(TransferJson.write(new TransferOutcome.Stopped(List.of()))));
        client.resource(DataVolumes.in(DataVolumePhase.IMPORT_IN_PROGRESS)
                        .annotation(DvflowAnnotations.LOG, TransferJson.write(kept))
                        .build())
                .create();
    }

    @Test
    void theWorkflowIsLinkedWhereTheWebUiIsKnown() {
        client.resource(DataVolumes.in(DataVolumePhase.SUCCEEDED)
                        .annotation(DvflowAnnotations.WORKFLOW_ID, "import/vms/fedora/1")
                        .build())
                .create();
        client.resource(new ConfigMapBuilder()
                        .withNewMetadata()
                        .withName(Installation.CONFIG_MAP)
                        .withNamespace("cdi")
                        .endMetadata()
                        .addToData("webUi", "http://temporal.example:8233")
                        .build())
                .create();

        assertThat(run("logs", "fedora").err())
                .contains("it is finished successfully (phase Succeeded)")
                .endsWith("its workflow in Temporal, http://temporal.example:8233/namespaces/default/workflows/"
                        + "import%2Fvms%2Ffedora%2F1.\n");
    }

    @Test
    void aPodThatHasNotStartedSaysWhy() {
        given("importer-fedora-1", "2026-01-01T00:00:00Z", waiting());

        var result = run("logs", "fedora");

        assertThat(result.exit()).isEqualTo(Exit.NOT_FOUND.code());
        assertThat(result.err()).contains("has not started (ImagePullBackOff: no such image). -f waits for it.");
    }

    @Test
    void followingAPodThatDoesNotStartEndsInTime() {
        given("importer-fedora-1", "2026-01-01T00:00:00Z", waiting());

        var result = run("logs", "fedora", "-f", "--start-timeout", "1s");

        assertThat(result.exit()).isEqualTo(Exit.TIMEOUT.code());
        assertThat(result.err()).contains("did not start within 1s", "kubectl describe pod -n vms importer-fedora-1");
    }

    private CommandRun.Result run(String... arguments) {
        return CommandRun.against(server::createClient).run(arguments);
    }

    private void given(String pod, String created, ContainerState state) {
        client.resource(pod(uid(), pod, created, state)).createOr(NonDeletingOperation::update);
    }

    private String uid() {
        var fedora = client.resource(
                DataVolumes.in(DataVolumePhase.IMPORT_IN_PROGRESS).build());
        return (fedora.get() == null ? fedora.create() : fedora.get())
                .getMetadata()
                .getUid();
    }

    private void log(String pod, String text) {
        server.expect()
                .get()
                .withPath("/api/v1/namespaces/vms/pods/" + pod + "/log?pretty=false&container=importer")
                .andReturn(200, text)
                .once();
    }

    private static Pod pod(String uid, String name, String created, ContainerState state) {
        return new PodBuilder()
                .withNewMetadata()
                .withNamespace("vms")
                .withName(name)
                .withCreationTimestamp(created)
                .addToLabels(DvflowLabels.DATAVOLUME_UID, uid)
                .endMetadata()
                .withNewSpec()
                .addNewContainer()
                .withName("importer")
                .endContainer()
                .endSpec()
                .withNewStatus()
                .addNewContainerStatus()
                .withName("importer")
                .withState(state)
                .endContainerStatus()
                .endStatus()
                .build();
    }

    private static ContainerState running() {
        return new ContainerStateBuilder().withNewRunning().endRunning().build();
    }

    private static ContainerState ended() {
        return new ContainerStateBuilder()
                .withNewTerminated()
                .withMessage(TransferJson.write(new TransferOutcome.Stopped(List.of())))
                .endTerminated()
                .build();
    }

    private static ContainerState waiting() {
        return new ContainerStateBuilder()
                .withNewWaiting()
                .withReason("ImagePullBackOff")
                .withMessage("no such image")
                .endWaiting()
                .build();
    }
}
