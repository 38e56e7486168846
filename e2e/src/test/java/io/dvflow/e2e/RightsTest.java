package io.dvflow.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.fabric8.kubernetes.api.model.rbac.PolicyRule;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.condition.EnabledIfEnvironmentVariable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What each component may do, against what the audit log says it did while the other tests ran: nothing is granted that
 * nothing uses, and nothing was refused. Runs last.
 */
@EnabledIfEnvironmentVariable(named = "DVFLOW_E2E", matches = "1")
@Order(Integer.MAX_VALUE)
class RightsTest {

    private final KubernetesClient kubernetes = TestCluster.get().kubernetes();

    /** One permission, as in {@code get core/pods/log}. */
    private record Right(String verb, String group, String resource) implements Comparable<Right> {
        @Override
        public int compareTo(Right other) {
            return toString().compareTo(other.toString());
        }

        @Override
        public String toString() {
            return verb + " " + (group.isEmpty() ? "core" : group) + "/" + resource;
        }
    }

    /** Rights that leave no request behind, or that need what the testbed has only with {@code --full}. */
    private static final Map<Right, String> USED_UNSEEN = Map.of(
            new Right("update", "cdi.kubevirt.io", "datavolumes/finalizers"),
            "asked for by the OwnerReferencesPermissionEnforcement admission plug-in, where it is on",
            new Right("list", "snapshot.storage.k8s.io", "volumesnapshotclasses"),
            "used where the snapshot kinds are served",
            new Right("watch", "snapshot.storage.k8s.io", "volumesnapshotclasses"),
            "used where the snapshot kinds are served");

    /** A sample of the tables cannot use every right, so only a run of all rows judges. */
    @ParameterizedTest
    @ValueSource(strings = {"dvflow-worker", "dvflow-bridge", "dvflow-gateway"})
    void everyRightIsUsed(String serviceAccount) throws IOException {
        Set<Right> unused = grantedTo(serviceAccount);
        unused.removeAll(usedBy(serviceAccount));
        unused.removeAll(USED_UNSEEN.keySet());
        System.out.println("rights | " + serviceAccount + " | granted and not used by this run: " + unused);

        assumeThat(System.getenv("DVFLOW_KILL_ROWS")).as("rows of this run").isEqualTo("all");
        assertThat(unused)
                .as("granted to " + serviceAccount + " and never used")
                .isEmpty();
    }

    /** An API server that has just started refuses for a moment what it has not read the grant of yet: not counted. */
    @ParameterizedTest
    @ValueSource(strings = {"dvflow-worker", "dvflow-bridge", "dvflow-gateway"})
    void nothingWasRefusedForWantOfAGrant(String serviceAccount) throws IOException {
        Set<Right> refused = rights(serviceAccount, RightsTest::isRefusedByAuthorization);
        refused.removeAll(grantedTo(serviceAccount));

        assertThat(refused).as("refused to " + serviceAccount).isEmpty();
    }

    private Set<Right> grantedTo(String serviceAccount) {
        Set<Right> rights = new TreeSet<>();
        Stream<PolicyRule> clusterRules = kubernetes.rbac().clusterRoleBindings().list().getItems().stream()
                .filter(binding -> binding.getSubjects().stream()
                        .anyMatch(subject -> subject.getName().equals(serviceAccount)))
                .flatMap(binding ->
                        kubernetes
                                .rbac()
                                .clusterRoles()
                                .withName(binding.getRoleRef().getName())
                                .get()
                                .getRules()
                                .stream());
        Stream<PolicyRule> namespacedRules =
                kubernetes.rbac().roleBindings().inAnyNamespace().list().getItems().stream()
                        .filter(binding -> binding.getSubjects().stream()
                                .anyMatch(subject -> subject.getName().equals(serviceAccount)))
                        .flatMap(binding -> kubernetes
                                .rbac()
                                .roles()
                                .inNamespace(binding.getMetadata().getNamespace())
                                .withName(binding.getRoleRef().getName())
                                .get()
                                .getRules()
                                .stream());
        Stream.concat(clusterRules, namespacedRules)
                .forEach(rule -> rule.getVerbs()
                        .forEach(verb -> rule.getApiGroups()
                                .forEach(group -> rule.getResources()
                                        .forEach(resource -> rights.add(new Right(verb, group, resource))))));
        return rights;
    }

    private static Set<Right> usedBy(String serviceAccount) throws IOException {
        return rights(serviceAccount, event -> !isRefusedByAuthorization(event));
    }

    /** Quotas and namespaces that go refuse too, with the same status; those say that the caller may. */
    private static boolean isRefusedByAuthorization(JsonNode event) {
        return event.at("/annotations/authorization.k8s.io~1decision").asText().equals("forbid");
    }

    private static Set<Right> rights(String serviceAccount, Predicate<JsonNode> which) throws IOException {
        String user = "system:serviceaccount:" + TestCluster.SYSTEM_NAMESPACE + ":" + serviceAccount;
        var mapper = new ObjectMapper();
        Set<Right> rights = new TreeSet<>();
        for (Path log : auditLogs()) {
            try (Stream<String> lines = Files.lines(log)) {
                for (String line : (Iterable<String>) lines.filter(l -> l.contains(user))::iterator) {
                    JsonNode event = mapper.readTree(line);
                    if (event.at("/user/username").asText().equals(user) && which.test(event)) {
                        rights.add(rightOf(event));
                    }
                }
            }
        }
        return rights;
    }

    private static Right rightOf(JsonNode event) {
        String subresource = event.at("/objectRef/subresource").asText("");
        return new Right(
                event.at("/verb").asText(),
                event.at("/objectRef/apiGroup").asText(""),
                event.at("/objectRef/resource").asText() + (subresource.isEmpty() ? "" : "/" + subresource));
    }

    private static List<Path> auditLogs() throws IOException {
        try (var files = Files.list(TestCluster.get().stateDirectory())) {
            return new ArrayList<>(
                    files.filter(file -> file.getFileName().toString().startsWith("audit"))
                            .toList());
        }
    }
}
