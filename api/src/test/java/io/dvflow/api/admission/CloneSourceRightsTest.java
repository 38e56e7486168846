package io.dvflow.api.admission;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.dvflow.api.crd.ChartFiles;
import io.dvflow.testbed.kubeapi.KubeApi;
import io.dvflow.testbed.kubeapi.KubeApiExtension;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.utils.Serialization;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Who may clone what from another namespace. The users have all rights to DataVolumes of their own namespace. */
@ExtendWith(KubeApiExtension.class)
class CloneSourceRightsTest {
    private static final String REFUSAL = "has insufficient permissions in clone source namespace golden";

    private static KubeApi api;

    @BeforeAll
    static void install(KubeApi kubeApi) {
        api = kubeApi;
        api.install(ChartFiles.CRDS);
        api.install(ChartFiles.ADMISSION);
        api.apply(CloneSourceRightsTest.class.getResourceAsStream("clone-users.yaml"));
        await("the policy is in force and the roles are known").untilAsserted(() -> {
            assertThatThrownBy(() -> create("nobody", clone("pvc", "golden"))).hasMessageContaining(REFUSAL);
            create("everybody", clone("pvc", "golden"));
        });
    }

    @Test
    void namesTheUserAndTheNamespaceItRefuses() {
        assertThatThrownBy(() -> create("nobody", clone("pvc", "golden")))
                .isInstanceOf(KubernetesClientException.class)
                .hasMessageContaining("User nobody " + REFUSAL)
                .satisfies(refusal -> assertThat(((KubernetesClientException) refusal).getCode())
                        .isEqualTo(403));
        assertThatThrownBy(() -> create("nobody", clone("snapshot", "golden"))).hasMessageContaining(REFUSAL);
    }

    @Test
    void ownNamespaceNeedsNoMoreRights() {
        assertThatCode(() -> create("nobody", clone("pvc", "users"))).doesNotThrowAnyException();
        assertThatCode(() -> create("nobody", clone("snapshot", "users"))).doesNotThrowAnyException();
    }

    @Test
    void rightToTheSourceIsEnough() {
        assertThatCode(() -> create("reader", clone("pvc", "golden"))).doesNotThrowAnyException();
        assertThatCode(() -> create("reader", clone("snapshot", "golden"))).doesNotThrowAnyException();
    }

    @Test
    void rightToOneSourceIsNoRightToAnother() {
        assertThatCode(() -> create("reader-of-disk", clone("pvc", "golden"))).doesNotThrowAnyException();
        GenericKubernetesResource other = clone("pvc", "golden", "other");
        assertThatThrownBy(() -> create("reader-of-disk", other)).hasMessageContaining(REFUSAL);
    }

    @Test
    void rightToRunPodsIsEnoughForAClaimButNotForASnapshot() {
        assertThatCode(() -> create("runner", clone("pvc", "golden"))).doesNotThrowAnyException();
        assertThatThrownBy(() -> create("runner", clone("snapshot", "golden"))).hasMessageContaining(REFUSAL);
    }

    @Test
    void rightToRunPodsAndMakeClaimsIsEnoughForASnapshot() {
        assertThatCode(() -> create("everybody", clone("snapshot", "golden"))).doesNotThrowAnyException();
    }

    @Test
    void volumesThatAreFilledAlreadyAreNoClones() {
        GenericKubernetesResource filled = clone("pvc", "golden");
        filled.getMetadata().getAnnotations().put("cdi.kubevirt.io/storage.prePopulated", "disk");
        assertThatCode(() -> create("nobody", filled)).doesNotThrowAnyException();
    }

    private static GenericKubernetesResource clone(String kind, String namespace) {
        return clone(kind, namespace, "disk");
    }

    private static GenericKubernetesResource clone(String kind, String namespace, String name) {
        return Serialization.unmarshal("""
                apiVersion: cdi.kubevirt.io/v1beta1
                kind: DataVolume
                metadata: {name: copy, namespace: users, annotations: {}}
                spec: {source: {%s: {namespace: %s, name: %s}}, storage: {}}
                """.formatted(kind, namespace, name), GenericKubernetesResource.class);
    }

    private static void create(String user, GenericKubernetesResource dataVolume) {
        try (KubernetesClient client = api.clientAs(user, "disk-users")) {
            client.resource(dataVolume).dryRun().create();
        }
    }
}
