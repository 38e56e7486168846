package io.dvflow.starter.real;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.dvflow.api.ConditionTypes;
import io.dvflow.api.DvflowAnnotations;
import io.dvflow.api.v1beta1.DataVolume;
import io.dvflow.api.v1beta1.DataVolumeCondition;
import io.dvflow.api.v1beta1.DataVolumePhase;
import io.dvflow.api.v1beta1.DataVolumeStatus;
import io.dvflow.starter.CommandRun;
import io.dvflow.starter.Exit;
import io.dvflow.starter.cluster.Cluster;
import io.dvflow.starter.cluster.KubernetesClusters;
import io.dvflow.testbed.kubeapi.KubeApi;
import io.dvflow.testbed.kubeapi.KubeApiExtension;
import io.fabric8.kubernetes.api.model.EventBuilder;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.client.dsl.Resource;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What a mock cannot show: strict validation, preconditions, removal by merge patch, rights. */
@ExtendWith(KubeApiExtension.class)
class RealApiServerTest {
    private static final Path CRDS = Path.of("..", "helm", "dvflow", "templates", "crds");

    private KubeApi api;
    private String namespace;

    @BeforeAll
    static void serveTheKinds(KubeApi api) {
        api.install(CRDS);
    }

    @BeforeEach
    void useOwnNamespace(KubeApi api) {
        this.api = api;
        namespace = "cli-" + UUID.randomUUID().toString().substring(0, 8);
        api.client()
                .resource(new NamespaceBuilder()
                        .withNewMetadata()
                        .withName(namespace)
                        .endMetadata()
                        .build())
                .create();
    }

    @Test
    void importIsCreatedFollowedAndReported() {
        var running = CommandRun.with(KubernetesClusters::open)
                .start(as("import", "fedora", "--url=http://h/fedora.qcow2", "--size=10Gi", "-o=json"));
        await().until(() -> fedora().get() != null);
        status(DataVolumePhase.IMPORT_IN_PROGRESS, "42.00%", "True", "Pod is running", "");
        await().until(() -> running.saidSoFar().contains("42.00%"));
        status(DataVolumePhase.SUCCEEDED, "100.0%", "False", "Completed", "Import Complete");

        var result = running.result().join();
        assertThat(result.exit()).as(result.err()).isEqualTo(Exit.OK.code());
        assertThat(result.out()).contains("\"phase\" : \"Succeeded\"").doesNotContain("managedFields");
    }

    @Test
    void aMisspeltMemberOfAManifestIsRefused() {
        var result = CommandRun.with(KubernetesClusters::open).input("""
                        apiVersion: cdi.kubevirt.io/v1beta1
                        kind: DataVolume
                        metadata: {name: fedora}
                        spec:
                          source: {blank: {}}
                          storage: {resources: {requests: {storage: 1Gi}}, storageclassname: fast}
                        """).run(as("import", "-f", "-"));

        assertThat(result.exit()).isEqualTo(Exit.REFUSED.code());
        assertThat(result.err())
                .contains(
                        "creating DataVolume " + namespace + "/fedora",
                        "unknown field \"spec.storage.storageclassname\"")
                .hasLineCount(1);
        assertThat(fedora().get()).isNull();
    }

    @Test
    void aNameThatIsTakenIsRefused() {
        create();

        var result = create();

        assertThat(result.exit()).isEqualTo(Exit.REFUSED.code());
        assertThat(result.err()).contains("\"fedora\" already exists", "choose another name");
    }

    @Test
    void aMissingNamespaceIsNotFound() {
        var result = CommandRun.with(KubernetesClusters::open)
                .run("import", "x", "--blank", "--size=1Gi", "-n=nowhere", "--kubeconfig=" + api.kubeconfig());

        assertThat(result.exit()).isEqualTo(Exit.NOT_FOUND.code());
        assertThat(result.err()).contains("namespaces \"nowhere\" not found");
    }

    @Test
    void pauseAndResumeLeaveNoTrace() {
        create();

        assertThat(run("pause", "fedora").exit()).isEqualTo(Exit.OK.code());
        assertThat(fedora().get().getMetadata().getAnnotations()).containsEntry(DvflowAnnotations.PAUSED, "true");

        assertThat(run("resume", "fedora").exit()).isEqualTo(Exit.OK.code());
        assertThat(fedora().get().getMetadata().getAnnotations()).isNullOrEmpty();
    }

    @Test
    void aRequestNeverHitsAnotherObjectOfTheSameName() {
        create();
        DataVolume first = fedora().get();
        fedora().delete();
        create();

        try (Cluster cluster = new Cluster(api.clientAs("admin", "system:masters"), namespace, "cdi")) {
            assertThatThrownBy(() -> cluster.annotate(first, Map.of(DvflowAnnotations.PAUSED, Optional.of("true"))))
                    .hasMessageContaining("Refused while annotating DataVolume " + namespace + "/fedora");
        }
        assertThat(fedora().get().getMetadata().getAnnotations()).isNullOrEmpty();
    }

    @Test
    void watchEndsWhenTheObjectIsDeleted() {
        create();
        var running = CommandRun.with(KubernetesClusters::open).start(as("watch", "fedora"));
        await().until(() -> running.saidSoFar().contains("(new)"));
        fedora().delete();

        assertThat(running.result().join().exit()).isEqualTo(Exit.FAILED.code());
        assertThat(running.result().join().err()).contains("was deleted before it was finished");
    }

    @Test
    void statusAndLogsOfANewObject() {
        create();

        assertThat(run("status", "fedora").out())
                .contains("Nothing yet", "Workflow:    import/" + namespace + "/fedora/");
        var logs = run("logs", "fedora");
        assertThat(logs.exit()).isEqualTo(Exit.NOT_FOUND.code());
        assertThat(logs.err()).contains("has no transfer pod");
        assertThat(run("status", "nothing").exit()).isEqualTo(Exit.NOT_FOUND.code());
        assertThat(run("list", "-A").out()).contains(namespace + "   fedora");
    }

    @Test
    void logsWithoutAPodTellTheNewestWarning() {
        create();
        warn("2026-01-01T00:07:00Z", "the server ended the connection");
        warn("2026-01-01T00:00:00Z", "connection reset");

        assertThat(run("logs", "fedora").err()).contains(" Last error: the server ended the connection. See ");
    }

    @Test
    void kubernetesSaysWhoMay() {
        create();

        var result = CommandRun.against(() -> api.clientAs("alice")).run("pause", "fedora", "-n", namespace);

        assertThat(result.exit()).isEqualTo(Exit.CLUSTER.code());
        assertThat(result.err()).contains("Not allowed", "User \"alice\" cannot get resource \"datavolumes\"");
    }

    private CommandRun.Result create() {
        return run("import", "fedora", "--blank", "--size=1Gi", "--no-wait");
    }

    private CommandRun.Result run(String... arguments) {
        return CommandRun.with(KubernetesClusters::open).run(as(arguments));
    }

    private String[] as(String... arguments) {
        return Stream.concat(Stream.of(arguments), Stream.of("-n", namespace, "--kubeconfig=" + api.kubeconfig()))
                .toArray(String[]::new);
    }

    private Resource<DataVolume> fedora() {
        return api.client().resources(DataVolume.class).inNamespace(namespace).withName("fedora");
    }

    private void warn(String seen, String message) {
        api.client()
                .resource(new EventBuilder()
                        .withNewMetadata()
                        .withGenerateName("fedora-")
                        .withNamespace(namespace)
                        .endMetadata()
                        .withNewInvolvedObject()
                        .withNamespace(namespace)
                        .withUid(fedora().get().getMetadata().getUid())
                        .endInvolvedObject()
                        .withType("Warning")
                        .withLastTimestamp(seen)
                        .withMessage(message)
                        .build())
                .create();
    }

    private void status(DataVolumePhase phase, String progress, String running, String reason, String message) {
        String now = Instant.now().truncatedTo(ChronoUnit.SECONDS).toString();
        var condition = new DataVolumeCondition(ConditionTypes.RUNNING, running, now, now, reason, message);
        fedora().editStatus(found -> {
            found.setStatus(new DataVolumeStatus("fedora", phase.wireName(), progress, 0, List.of(condition)));
            return found;
        });
    }
}
