package io.dvflow.starter.show;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.dvflow.api.DvflowAnnotations;
import io.dvflow.api.Reasons;
import io.dvflow.api.v1beta1.DataVolume;
import io.dvflow.api.v1beta1.DataVolumePhase;
import io.dvflow.api.v1beta1.DataVolumeStatus;
import io.dvflow.starter.CommandRun;
import io.dvflow.starter.Exit;
import io.dvflow.starter.MockCluster;
import io.dvflow.starter.operation.DataVolumes;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.NonDeletingOperation;
import io.fabric8.kubernetes.client.server.mock.KubernetesMockServer;
import java.util.List;
import org.junit.jupiter.api.Test;

class ShowCommandsTest {
    private final KubernetesMockServer server = MockCluster.emptied();
    private final KubernetesClient client = MockCluster.client();

    @Test
    void listShowsWhereEachOneStands() {
        given(DataVolumes.in(DataVolumePhase.SUCCEEDED).name("b").progress("100.0%"));
        given(DataVolumes.in(DataVolumePhase.PENDING_POPULATION).name("a").blank());
        given(DataVolumes.in(DataVolumePhase.PAUSED).namespace("other").name("c"));

        String out = run("list").out();

        assertThat(out.lines()
                        .map(line -> line.replaceAll(" \\d+[smhd][0-9smhd]* ", " AGE ")
                                .replaceAll(" +", " ")))
                .containsExactly(
                        "NAME SOURCE PHASE PROGRESS RESTARTS AGE STANDING",
                        "a blank PendingPopulation N/A 0 AGE waits for a consumer",
                        "b http Succeeded 100.0% 0 AGE done");
        assertThat(run("list", "-A").out().lines())
                .hasSize(4)
                .first()
                .asString()
                .startsWith("NAMESPACE");
    }

    @Test
    void listAsYamlIsAListThatKubectlCanRead() {
        given(DataVolumes.in(DataVolumePhase.SUCCEEDED));

        assertThat(run("list", "-o", "yaml").out())
                .startsWith("apiVersion: v1\nkind: List\nitems:\n  - apiVersion: cdi");
    }

    @Test
    void anEmptyListIsNoError() {
        var result = run("list");

        assertThat(result.exit()).isEqualTo(Exit.OK.code());
        assertThat(result.out()).isEmpty();
        assertThat(result.err()).contains("No DataVolumes found in namespace vms; -A lists all.");
    }

    @Test
    void statusExplainsAndLinksTheWorkflow() {
        installation();
        String uid = given(DataVolumes.in(DataVolumePhase.IMPORT_IN_PROGRESS)
                .progress("42.00%")
                .restarts(1)
                .running("False", Reasons.ERROR, "expected status code 200, got 404"));

        var result = run("status", "fedora");

        assertThat(result.exit()).isEqualTo(Exit.OK.code());
        assertThat(result.out())
                .contains("DataVolume:  vms/fedora")
                .contains("Source:      http https://images.example/fedora.qcow2")
                .contains("Phase:       ImportInProgress   progress 42.00%   restarts 1")
                .contains("Claim:       fedora-claim")
                .contains("Now:         Transferring the image")
                .contains("Waiting for: the next attempt.")
                .contains("Next:        It tries again by itself")
                .contains("Last error:  expected status code 200, got 404")
                .contains("Workflow:    import/vms/fedora/" + uid)
                .contains("http://ui.example/namespaces/default/workflows/import%2Fvms%2Ffedora%2F" + uid);
    }

    @Test
    void statusIsThereForProgramsToo() {
        given(DataVolumes.in(DataVolumePhase.PAUSED).annotation(DvflowAnnotations.PAUSED, "true"));

        assertThat(run("status", "fedora", "-o", "json").out())
                .contains("\"standing\" : \"paused\"", "\"waitingFor\" : \"somebody to resume it")
                .doesNotContain("workflowUrl", "null");
    }

    @Test
    void whatIsNotThereIsNotFound() {
        server.expectCustomResource(
                io.fabric8.kubernetes.client.dsl.base.CustomResourceDefinitionContext.fromCustomResourceType(
                        DataVolume.class));
        var result = run("status", "nothing");

        assertThat(result.exit()).isEqualTo(Exit.NOT_FOUND.code());
        assertThat(result.err())
                .isEqualTo("error: There is no DataVolume 'nothing' in namespace 'vms'. Choose another with -n, or see "
                        + "what is there with 'list -A'.\n");
    }

    @Test
    void watchPrintsTheObjectAtEachChangeForPrograms() {
        given(DataVolumes.in(DataVolumePhase.IMPORT_IN_PROGRESS));

        var running = CommandRun.against(server::createClient).start("watch", "fedora", "-o", "json");
        await().pollDelay(java.time.Duration.ZERO).until(() -> server.getRequestCount() > 3);
        client.resources(DataVolume.class).inNamespace("vms").withName("fedora").edit(found -> {
            found.setStatus(new DataVolumeStatus("fedora", "Succeeded", "100.0%", 0, List.of()));
            return found;
        });

        var result = running.result().join();
        assertThat(result.exit()).isEqualTo(Exit.OK.code());
        assertThat(result.out().lines().toList().getLast()).startsWith("{").contains("\"phase\":\"Succeeded\"");
    }

    @Test
    void watchingWhatHasFailedIsAFailedCommand() {
        given(DataVolumes.in(DataVolumePhase.FAILED)
                .running("False", Reasons.CHECKSUM_ERROR, "checksum validation failed"));

        var result = run("watch", "fedora");

        assertThat(result.exit()).isEqualTo(Exit.FAILED.code());
        assertThat(result.err())
                .contains("DataVolume vms/fedora was failed for good: checksum validation failed. No retry can help.");
    }

    @Test
    void versionTellsBothSides() {
        assertThat(run("version").out())
                .contains("client: development\n", "server: not known: ConfigMap cdi/dvflow-info");

        installation();

        assertThat(run("version").out()).contains("server: 1.2.3, Temporal Web UI http://ui.example/");
        assertThat(run("version", "--system-namespace", "elsewhere").out()).contains("elsewhere/dvflow-info");
    }

    @Test
    void theClientsVersionNeedsNoCluster() {
        assertThat(CommandRun.offline().run("version", "--client").out()).isEqualTo("client: development\n");
    }

    private CommandRun.Result run(String... arguments) {
        return CommandRun.against(server::createClient).run(arguments);
    }

    private String given(DataVolumes dataVolume) {
        return client.resource(dataVolume.build())
                .createOr(NonDeletingOperation::update)
                .getMetadata()
                .getUid();
    }

    private void installation() {
        client.resource(new ConfigMapBuilder()
                        .withNewMetadata()
                        .withNamespace("cdi")
                        .withName("dvflow-info")
                        .endMetadata()
                        .addToData("version", "1.2.3")
                        .addToData("webUi", "http://ui.example/")
                        .build())
                .create();
    }
}
