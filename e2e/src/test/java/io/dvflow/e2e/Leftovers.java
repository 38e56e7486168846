package io.dvflow.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.dvflow.api.v1beta1.VolumeImportSource;
import io.dvflow.workflows.OperationRef;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.temporal.client.WorkflowExecutionMetadata;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.stream.Stream;

/** Counts what an operation that is over has left behind in its namespace and in Temporal. */
final class Leftovers {

    private static final Duration VISIBILITY_LAG = Duration.ofSeconds(60);

    private Leftovers() {}

    /**
     * The object is still there, and one claim; nothing else is.
     *
     * @param usersOwn what the test has made itself, as in {@code Secret/login}
     */
    static void assertNone(TestNamespace namespace, OperationRef operation, String... usersOwn) {
        List<String> expected = new ArrayList<>(List.of(usersOwn));
        expected.add("PersistentVolumeClaim/" + operation.name());
        assertNone(namespace.name(), operation, expected);
    }

    /** The object is gone, and everything with it. */
    static void assertNothingAtAll(TestNamespace namespace, OperationRef operation) {
        assertNone(namespace.name(), operation, List.of());
    }

    private static void assertNone(String namespace, OperationRef operation, Collection<String> expected) {
        await("nothing of " + operation + " is left")
                .atMost(VISIBILITY_LAG)
                .pollInterval(Duration.ofMillis(500))
                .untilAsserted(
                        () -> assertThat(found(namespace, operation)).containsExactlyInAnyOrderElementsOf(expected));
    }

    private static List<String> found(String namespace, OperationRef operation) {
        KubernetesClient client = TestCluster.get().kubernetes();
        List<String> found = new ArrayList<>();
        Stream.of(
                        client.persistentVolumeClaims()
                                .inNamespace(namespace)
                                .list()
                                .getItems(),
                        client.pods().inNamespace(namespace).list().getItems(),
                        client.secrets().inNamespace(namespace).list().getItems(),
                        client.configMaps().inNamespace(namespace).list().getItems(),
                        client.resources(VolumeImportSource.class)
                                .inNamespace(namespace)
                                .list()
                                .getItems())
                .flatMap(Collection::stream)
                .filter(Leftovers::isOurs)
                .forEach(object ->
                        found.add(object.getKind() + "/" + object.getMetadata().getName()));
        client.resources(io.dvflow.api.v1beta1.DataVolume.class)
                .inNamespace(namespace)
                .list()
                .getItems()
                .forEach(volume ->
                        volume.getMetadata().getFinalizers().forEach(finalizer -> found.add("finalizer " + finalizer)));
        openWorkflows(operation).forEach(workflow -> found.add("open workflow " + workflow));
        return found;
    }

    private static boolean isOurs(HasMetadata object) {
        String name = object.getMetadata().getName();
        return !name.equals("kube-root-ca.crt") && !name.matches("(reader|consumer|given)-.*");
    }

    private static List<String> openWorkflows(OperationRef operation) {
        return TestCluster.get()
                .temporal()
                .listExecutions("ExecutionStatus = 'Running' AND DvNamespace = '" + operation.namespace() + "'")
                .map(WorkflowExecutionMetadata::getExecution)
                .map(execution -> execution.getWorkflowId())
                .toList();
    }
}
