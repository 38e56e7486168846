package io.dvflow.starter.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.dvflow.starter.CommandRun;
import io.dvflow.starter.Exit;
import io.fabric8.kubernetes.api.model.Status;
import io.fabric8.kubernetes.api.model.StatusBuilder;
import io.fabric8.kubernetes.client.server.mock.EnableKubernetesMockClient;
import io.fabric8.kubernetes.client.server.mock.KubernetesMockServer;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@EnableKubernetesMockClient
class ClusterErrorsTest {
    private static final String KUBECONFIG = """
            apiVersion: v1
            kind: Config
            current-context: nowhere
            clusters: [{name: nowhere, cluster: {server: "https://127.0.0.1:1"}}]
            contexts: [{name: nowhere, context: {cluster: nowhere, user: nobody, namespace: mine}}]
            users: [{name: nobody, user: {token: none}}]
            """;
    private static final String LIST = "/apis/cdi.kubevirt.io/v1beta1/namespaces/vms/datavolumes";

    static KubernetesMockServer server;

    @BeforeEach
    void forgetEarlierTests() {
        server.clearExpectations();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "401|Unauthorized|5|does not accept the kubeconfig's credentials",
                "403|alice cannot list datavolumes|5|Not allowed: alice cannot list datavolumes. Needed for listing",
                "404|the server could not find the requested resource|5|knows no DataVolumes: dvflow is not installed",
                "404|namespaces \"vms\" not found|3|namespaces \"vms\" not found",
                "422|size is missing|6|Refused while listing the DataVolumes of namespace vms: size is missing",
            })
    void eachAnswerHasItsExitCodeAndOneLine(int code, String message, int exit, String told) {
        server.expect()
                .get()
                .withPath(LIST)
                .andReturn(code, status(code, message))
                .always();

        var result = CommandRun.against(server::createClient).run("list");

        assertThat(result.exit()).isEqualTo(exit);
        assertThat(result.err()).startsWith("error: ").contains(told).hasLineCount(1);
    }

    @Test
    void stackTracesAreThereForThoseWhoAsk() {
        server.expect()
                .get()
                .withPath(LIST)
                .andReturn(
                        403, new StatusBuilder().withCode(403).withMessage("no").build())
                .always();

        assertThat(CommandRun.against(server::createClient)
                        .run("list", "--verbose")
                        .err())
                .contains("\tat io.dvflow.starter");
    }

    @Test
    void anUnreachableClusterIsNamed(@TempDir Path directory) throws Exception {
        Path kubeconfig = Files.writeString(directory.resolve("config"), KUBECONFIG);

        var result = CommandRun.with(KubernetesClusters::open).run("list", "--kubeconfig", kubeconfig.toString());

        assertThat(result.exit()).isEqualTo(Exit.CLUSTER.code());
        assertThat(result.err())
                .isEqualTo("error: No answer from the API server at https://127.0.0.1:1/ while listing the DataVolumes "
                        + "of namespace mine (connection refused). Check that it runs, and that kubeconfig and context "
                        + "are the right ones.\n");
    }

    @Test
    void aContextThatIsNotThereIsAUsageError(@TempDir Path directory) throws Exception {
        Path kubeconfig = Files.writeString(directory.resolve("config"), KUBECONFIG);

        var result = CommandRun.with(KubernetesClusters::open)
                .run("list", "--kubeconfig", kubeconfig.toString(), "--context", "there");

        assertThat(result.exit()).isEqualTo(Exit.USAGE.code());
        assertThat(result.err()).contains("The kubeconfig has no context 'there'; it has [nowhere].");
    }

    @Test
    void aMissingKubeconfigIsAUsageError() {
        var result = CommandRun.with(KubernetesClusters::open).run("list", "--kubeconfig", "/nonexistent/config");

        assertThat(result.exit()).isEqualTo(Exit.USAGE.code());
        assertThat(result.err()).contains("Cannot read the kubeconfig /nonexistent/config");
    }

    private static Status status(int code, String message) {
        var status = new StatusBuilder().withCode(code).withMessage(message);
        return message.contains("\"vms\"")
                ? status.withNewDetails().withName("vms").endDetails().build()
                : status.build();
    }
}
