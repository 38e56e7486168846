package io.dvflow.starter.import_;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.dvflow.api.ConditionTypes;
import io.dvflow.api.DvflowAnnotations;
import io.dvflow.api.v1beta1.DataVolume;
import io.dvflow.api.v1beta1.DataVolumeCondition;
import io.dvflow.api.v1beta1.DataVolumePhase;
import io.dvflow.api.v1beta1.DataVolumeStatus;
import io.dvflow.starter.CommandRun;
import io.dvflow.starter.Exit;
import io.dvflow.starter.MockCluster;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.fabric8.kubernetes.client.server.mock.KubernetesMockServer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ImportCommandTest {
    private static final String[] FEDORA = {"import", "fedora", "--url", "https://h/fedora.qcow2", "--size", "10Gi"};

    private final KubernetesMockServer server = MockCluster.emptied();
    private final KubernetesClient client = MockCluster.client();

    @Test
    void optionsBecomeAManifest() {
        var result = CommandRun.against(server::createClient)
                .run(
                        "import",
                        "fedora",
                        "--url=https://h/fedora.qcow2",
                        "--size=10Gi",
                        "--storage-class=fast",
                        "--volume-mode=Block",
                        "--access-mode=ReadWriteOnce",
                        "--access-mode=ReadWriteMany",
                        "--secret=login",
                        "--cert-config-map=authorities",
                        "--immediate",
                        "--rate-limit=50Mi",
                        "--verify",
                        "--dry-run",
                        "-oyaml");

        assertThat(result.exit()).isEqualTo(Exit.OK.code());
        assertThat(result.out()).isEqualTo("""
                        apiVersion: cdi.kubevirt.io/v1beta1
                        kind: DataVolume
                        metadata:
                          annotations:
                            cdi.kubevirt.io/storage.bind.immediate.requested: "true"
                            dvflow.io/rate-limit: 50Mi
                            dvflow.io/verify: "true"
                          name: fedora
                          namespace: vms
                        spec:
                          source:
                            http:
                              url: https://h/fedora.qcow2
                              secretRef: login
                              certConfigMap: authorities
                          storage:
                            accessModes:
                              - ReadWriteOnce
                              - ReadWriteMany
                            resources:
                              requests:
                                storage: 10Gi
                            storageClassName: fast
                            volumeMode: Block
                        """);
        assertThat(fedora().get()).isNull();
    }

    @Test
    void anArchiveSaysThatItIsOne() {
        var result = CommandRun.against(server::createClient)
                .run("import", "tools", "--url=https://h/x", "--content-type=archive", "--size=1Gi", "--dry-run");

        assertThat(result.exit()).isEqualTo(Exit.OK.code());
        assertThat(result.out()).contains("contentType: archive\n");
    }

    @ParameterizedTest
    @CsvSource({
        "--blank, nothing to unpack in a blank disk",
        "--url=https://h/x --verify, cannot compare the files of an archive",
        "--url=https://h/x --volume-mode=Block, needs a file system",
    })
    void whatAnArchiveCannotBeIsAWrongCommand(String options, String says) {
        List<String> command = new ArrayList<>(List.of("import", "tools", "--content-type=archive", "--size=1Gi"));
        command.addAll(List.of(options.split(" ")));

        var result = CommandRun.against(server::createClient).run(command.toArray(String[]::new));

        assertThat(result.exit()).isEqualTo(Exit.USAGE.code());
        assertThat(result.err()).contains(says);
    }

    @Test
    void aBlankDiskNeedsNoAddress() {
        var result = CommandRun.against(server::createClient).run("import", "x", "--blank", "--size=1Gi", "--no-wait");

        assertThat(result.exit()).isEqualTo(Exit.OK.code());
        assertThat(result.out()).contains("DataVolume vms/x created.", "'dvflow watch -n vms x'");
        assertThat(client.resources(DataVolume.class)
                        .inNamespace("vms")
                        .withName("x")
                        .get()
                        .getSpec()
                        .source()
                        .blank())
                .isNotNull();
    }

    @Test
    void byDefaultItFollowsToTheEnd() {
        var running = CommandRun.against(server::createClient).start(FEDORA);
        await().until(() -> fedora().get() != null);
        status(DataVolumePhase.IMPORT_IN_PROGRESS, "10.00%", "True", "");
        await().until(() -> running.saidSoFar().contains("10.00%  ImportInProgress"));
        status(DataVolumePhase.IMPORT_IN_PROGRESS, "10.00%", "False", "connection reset");
        await().until(() -> running.saidSoFar().contains("ended with: connection reset."));
        status(DataVolumePhase.SUCCEEDED, "100.0%", "False", "Import Complete");

        var result = running.result().join();
        assertThat(result.exit()).isEqualTo(Exit.OK.code());
        assertThat(result.out()).startsWith("DataVolume vms/fedora imported").endsWith("into claim fedora.\n");
    }

    @Test
    void aCancelledImportIsAFailedCommand() {
        var running = CommandRun.against(server::createClient).start(FEDORA);
        await().until(() -> fedora().get() != null);
        fedora().edit(found -> {
            found.getMetadata().setAnnotations(Map.of(DvflowAnnotations.OUTCOME, DvflowAnnotations.OUTCOME_CANCELLED));
            return found;
        });

        var result = running.result().join();
        assertThat(result.exit()).isEqualTo(Exit.FAILED.code());
        assertThat(result.err()).contains("DataVolume vms/fedora was cancelled. It never starts again.");
    }

    @Test
    void aDeletedImportIsAFailedCommand() {
        var running = CommandRun.against(server::createClient).start(FEDORA);
        await().until(() -> running.saidSoFar().contains("(new)"));
        fedora().delete();

        var result = running.result().join();
        assertThat(result.exit()).isEqualTo(Exit.FAILED.code());
        assertThat(result.err()).contains("was deleted before it was finished");
    }

    @Test
    void theTimeoutSaysWhatItWaitsForAndHowToFollowOn() {
        var result = CommandRun.against(server::createClient)
                .run("import", "fedora", "--url=https://h/f", "--size=1Gi", "--timeout=1s");

        assertThat(result.exit()).isEqualTo(Exit.TIMEOUT.code());
        assertThat(result.err())
                .contains("not finished within 1s; it goes on. It waits for dvflow", "'dvflow watch -n vms fedora'");
    }

    @Test
    void aManifestIsSentWithEveryMemberItHas(@TempDir Path directory) throws Exception {
        Path manifest = Files.writeString(directory.resolve("dv.yaml"), """
                # what somebody else wrote
                apiVersion: cdi.kubevirt.io/v1beta1
                kind: DataVolume
                metadata:
                  name: fedora
                spec:
                  unheardOf: 1
                  source:
                    blank: {}
                """);

        var result = CommandRun.against(server::createClient)
                .run("import", "-f", manifest.toString(), "--dry-run", "-o", "json");

        assertThat(result.exit()).isEqualTo(Exit.OK.code());
        assertThat(result.out()).contains("\"unheardOf\" : 1", "\"namespace\" : \"vms\"");
    }

    @Test
    void aManifestMayComeFromStandardInput() {
        var result = CommandRun.against(server::createClient)
                .input("{apiVersion: cdi.kubevirt.io/v1beta1, kind: DataVolume, metadata: {name: x, namespace: other}}")
                .run("import", "-f", "-", "-n", "other", "--dry-run");

        assertThat(result.exit()).isEqualTo(Exit.OK.code());
        assertThat(result.out()).contains("namespace: other");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "kind: Pod|holds 'Pod'; expected 'cdi.kubevirt.io/v1beta1 DataVolume'",
                "a: b: c|neither valid YAML nor JSON",
                "''|has 0 documents; expected one DataVolume",
                "{apiVersion: cdi.kubevirt.io/v1beta1, kind: DataVolume}|no metadata.name",
                "{apiVersion: cdi.kubevirt.io/v1beta1, kind: DataVolume, metadata: {name: x, namespace: other}}"
                        + "|Choose it with -n other",
            })
    void wrongManifestsAreUsageErrors(String text, String message) {
        var result = CommandRun.against(server::createClient).input(text).run("import", "-f", "-", "--dry-run");

        assertThat(result.exit()).isEqualTo(Exit.USAGE.code());
        assertThat(result.err()).contains(message).hasLineCount(1);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "import|-f=FILE",
                "import x --blank|--size",
                "import --blank --size 1Gi|NAME",
                "import x --blank --url http://h/x --size 1Gi|mutually exclusive",
                "import x --blank --size ten|expected a size such as 10Gi or 500M, found 'ten'",
                "import x --blank --size 0|more than zero",
                "import x --blank --size 1Gi --secret y|blank disk is read from nowhere",
                "import x -f y|comes from the manifest",
                "import -f y --immediate|comes from the manifest",
                "import x --blank --size 1Gi --volume-mode disk|Filesystem, Block",
                "import x --blank --size 1Gi --timeout soon|90s, 10m or 1h30m",
                "imprt x|Did you mean: dvflow import",
            })
    void wrongCommandLinesAskNoCluster(String line, String message) {
        var result = CommandRun.offline().run(line.split(" "));

        assertThat(result.exit()).isEqualTo(Exit.USAGE.code());
        assertThat(result.err()).contains(message, "--help");
        assertThat(result.out()).isEmpty();
    }

    private Resource<DataVolume> fedora() {
        return client.resources(DataVolume.class).inNamespace("vms").withName("fedora");
    }

    private void status(DataVolumePhase phase, String progress, String running, String message) {
        String reason =
                phase == DataVolumePhase.SUCCEEDED ? "Completed" : running.equals("True") ? "Pod is running" : "Error";
        var condition = new DataVolumeCondition(ConditionTypes.RUNNING, running, null, null, reason, message);
        fedora().edit(found -> {
            found.setStatus(new DataVolumeStatus("fedora", phase.wireName(), progress, 0, List.of(condition)));
            return found;
        });
    }
}
