package io.dvflow.api.admission;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.dvflow.api.crd.ChartFiles;
import io.dvflow.testbed.kubeapi.KubeApi;
import io.dvflow.testbed.kubeapi.KubeApiExtension;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.authorization.v1.SubjectAccessReviewBuilder;
import io.fabric8.kubernetes.api.model.rbac.PolicyRuleBuilder;
import io.fabric8.kubernetes.api.model.rbac.RoleBindingBuilder;
import io.fabric8.kubernetes.api.model.rbac.RoleBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The golden namespace of the examples: everybody reads and clones, only its owners import. Asked of a real API server. */
@ExtendWith(KubeApiExtension.class)
class GoldenNamespaceTest {

    private static final Path EXAMPLES = Path.of(System.getProperty("basedir", "."), "../docs/examples/golden");
    private static final String GOLDEN = "golden-images";
    private static final String USERS_OWN = "users-own";
    private static final String[] OWNERS = {"image-owners", "system:authenticated"};
    private static final String[] EVERYBODY = {"system:authenticated"};
    private static final String REFUSAL = "has insufficient permissions in clone source namespace";

    private static KubeApi api;

    @BeforeAll
    static void install(KubeApi kubeApi) throws IOException {
        api = kubeApi;
        api.install(ChartFiles.CRDS);
        api.install(ChartFiles.ADMISSION);
        api.apply(Files.newInputStream(EXAMPLES.resolve("golden-namespace.yaml")));
        makeUsersOwnNamespace();
        await("the policy is in force and the roles are known").untilAsserted(() -> {
            assertThatThrownBy(() -> create(EVERYBODY, clone("elsewhere"))).hasMessageContaining(REFUSAL);
            assertThat(may(EVERYBODY, "create", "datavolumes", "source")).isTrue();
        });
    }

    @ParameterizedTest(name = "{0} {1}: owners {2}, everybody {3}")
    @CsvSource({
        "get, datavolumes, true, true",
        "list, datavolumes, true, true",
        "watch, datavolumes, true, true",
        "create, datavolumes, true, false",
        "patch, datavolumes, true, false",
        "delete, datavolumes, true, false",
        "create, datavolumes/source, true, true",
        "patch, datavolumes/status, false, false",
        "get, persistentvolumeclaims, true, true",
        "create, persistentvolumeclaims, false, false",
        "patch, persistentvolumeclaims, false, false",
        "get, secrets, true, false",
        "get, pods/log, true, false",
        "create, pods, false, false",
    })
    void whoMayWhat(String verb, String resource, boolean owners, boolean everybody) {
        String[] parts = (resource + "/").split("/", -1);

        assertThat(may(OWNERS, verb, parts[0], parts[1])).as("owners").isEqualTo(owners);
        assertThat(may(EVERYBODY, verb, parts[0], parts[1])).as("everybody").isEqualTo(everybody);
    }

    @Test
    void onlyAnOwnerImports() throws IOException {
        String example = Files.readString(EXAMPLES.resolve("golden-image-datavolume.yaml"));
        GenericKubernetesResource image = Serialization.unmarshal(example, GenericKubernetesResource.class);

        assertThatCode(() -> create(OWNERS, image)).doesNotThrowAnyException();
        assertThatThrownBy(() -> create(EVERYBODY, image)).hasMessageContaining("cannot create resource");
    }

    @Test
    void everybodyClonesIntoTheirOwnNamespace() {
        assertThatCode(() -> create(EVERYBODY, clone(GOLDEN))).doesNotThrowAnyException();
        assertThatThrownBy(() -> create(EVERYBODY, clone("elsewhere"))).hasMessageContaining(REFUSAL);
    }

    @Test
    void whoHasNotLoggedInSeesNothing() {
        assertThat(may(new String[] {"system:unauthenticated"}, "get", "datavolumes", ""))
                .isFalse();
    }

    private static boolean may(String[] groups, String verb, String resource, String subresource) {
        return api.client()
                .resource(new SubjectAccessReviewBuilder()
                        .withNewSpec()
                        .withUser("somebody")
                        .withGroups(groups)
                        .withNewResourceAttributes()
                        .withGroup(resource.equals("datavolumes") ? "cdi.kubevirt.io" : "")
                        .withNamespace(GOLDEN)
                        .withVerb(verb)
                        .withResource(resource)
                        .withSubresource(subresource)
                        .endResourceAttributes()
                        .endSpec()
                        .build())
                .create()
                .getStatus()
                .getAllowed();
    }

    private static GenericKubernetesResource clone(String from) {
        return Serialization.unmarshal("""
                apiVersion: cdi.kubevirt.io/v1beta1
                kind: DataVolume
                metadata: {name: copy, namespace: %s}
                spec: {source: {pvc: {namespace: %s, name: fedora}}, storage: {}}
                """.formatted(USERS_OWN, from), GenericKubernetesResource.class);
    }

    private static void create(String[] groups, GenericKubernetesResource dataVolume) {
        try (KubernetesClient client = api.clientAs("somebody", groups)) {
            client.resource(dataVolume).dryRun().create();
        }
    }

    private static void makeUsersOwnNamespace() {
        KubernetesClient client = api.client();
        client.resource(new NamespaceBuilder()
                        .withNewMetadata()
                        .withName(USERS_OWN)
                        .endMetadata()
                        .build())
                .serverSideApply();
        client.resource(new RoleBuilder()
                        .withNewMetadata()
                        .withNamespace(USERS_OWN)
                        .withName("disks")
                        .endMetadata()
                        .withRules(new PolicyRuleBuilder()
                                .withApiGroups("cdi.kubevirt.io")
                                .withResources("datavolumes")
                                .withVerbs("create")
                                .build())
                        .build())
                .serverSideApply();
        client.resource(new RoleBindingBuilder()
                        .withNewMetadata()
                        .withNamespace(USERS_OWN)
                        .withName("disks")
                        .endMetadata()
                        .withNewRoleRef("rbac.authorization.k8s.io", "Role", "disks")
                        .addNewSubject("rbac.authorization.k8s.io", "User", "somebody", null)
                        .build())
                .serverSideApply();
    }
}
