package io.dvflow.e2e;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dvflow.api.v1beta1.CDI;
import io.dvflow.api.v1beta1.CDISpec;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinition;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.utils.Serialization;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfEnvironmentVariable;

/** The rules that look at other objects, as the installed webhook and policies apply them. */
@EnabledIfEnvironmentVariable(named = "DVFLOW_E2E", matches = "1")
class AdmissionTest {
    private static final String BLOCK = "BlockUninstallIfWorkloadsExist";

    private static final CustomResourceDefinition DATA_SOURCES =
            Serialization.unmarshal("""
            apiVersion: apiextensions.k8s.io/v1
            kind: CustomResourceDefinition
            metadata: {name: datasources.cdi.kubevirt.io}
            spec:
              group: cdi.kubevirt.io
              scope: Namespaced
              names: {kind: DataSource, plural: datasources, singular: datasource}
              versions:
              - name: v1beta1
                served: true
                storage: true
                schema:
                  openAPIV3Schema: {type: object, x-kubernetes-preserve-unknown-fields: true}
            """, CustomResourceDefinition.class);

    private final KubernetesClient kubernetes = TestCluster.get().kubernetes();

    @Test
    void refusesADataVolumeOverSomebodyElsesClaim() {
        try (TestNamespace namespace = new TestNamespace("taken")) {
            create(namespace, """
                    apiVersion: v1
                    kind: PersistentVolumeClaim
                    metadata: {name: disk}
                    spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Mi}}}
                    """);

            assertThatThrownBy(() -> create(namespace, dataVolume("disk", "source: {blank: {}}")))
                    .isInstanceOf(KubernetesClientException.class)
                    .hasMessageContaining("Destination PVC " + namespace.name() + "/disk already exists");
        }
    }

    @Test
    void followsADataSourceOnlyForThoseWhoMayReadWhatItLeadsTo() {
        try (TestNamespace golden = new TestNamespace("golden");
                TestNamespace users = new TestNamespace("users")) {
            String dataVolume = dataVolume("disk", "sourceRef: {kind: DataSource, name: fedora}");
            assertThatThrownBy(() -> create(users, dataVolume)).hasMessageContaining("DataSource");
            serveDataSources();
            try {
                create(users, """
                        apiVersion: cdi.kubevirt.io/v1beta1
                        kind: DataSource
                        metadata: {name: fedora}
                        spec: {source: {pvc: {namespace: %s, name: disk}}}
                        """.formatted(golden.name()));
                letCreateDataVolumes("stranger", users);

                assertThatThrownBy(() -> dryRunAs("stranger", users, dataVolume))
                        .hasMessageContaining("User stranger has insufficient permissions in clone source namespace "
                                + golden.name());
                assertThatCode(() -> dryRunAs("admin", users, dataVolume, "system:masters"))
                        .doesNotThrowAnyException();
            } finally {
                kubernetes.resource(DATA_SOURCES).delete();
            }
        }
    }

    @Test
    void refusesACloneOfAVolumeThatTheUserMayNotRead() {
        try (TestNamespace golden = new TestNamespace("golden");
                TestNamespace users = new TestNamespace("users")) {
            letCreateDataVolumes("stranger", users);
            String dataVolume = dataVolume("disk", "source: {pvc: {namespace: " + golden.name() + ", name: disk}}");

            assertThatThrownBy(() -> dryRunAs("stranger", users, dataVolume))
                    .hasMessageContaining(
                            "User stranger has insufficient permissions in clone source namespace " + golden.name());
        }
    }

    @Test
    void keepsTheInstallationWhileDataVolumesExist() {
        CDI second = new CDI();
        second.setMetadata(new ObjectMetaBuilder().withName("cdi-blocking").build());
        second.setSpec(new CDISpec(null, BLOCK, null, null, null, null, null, null, null));
        try (TestNamespace namespace = new TestNamespace("uninstall")) {
            create(namespace, dataVolume("disk", "source: {blank: {}}"));
            kubernetes.resource(second).serverSideApply();

            assertThatThrownBy(() -> kubernetes.resource(second).delete())
                    .hasMessageContaining("there are still DataVolumes present");
        } finally {
            second.setSpec(new CDISpec(null, "RemoveWorkloads", null, null, null, null, null, null, null));
            kubernetes.resource(second).serverSideApply();
            kubernetes.resource(second).delete();
        }
    }

    private void serveDataSources() {
        kubernetes.resource(DATA_SOURCES).serverSideApply();
        TestWaits.until(
                "the kind DataSource is served",
                () -> kubernetes.getApiResources("cdi.kubevirt.io/v1beta1").getResources().stream()
                        .anyMatch(resource -> resource.getName().equals("datasources")));
    }

    private void create(TestNamespace namespace, String manifest) {
        kubernetes.resource(manifest).inNamespace(namespace.name()).create();
    }

    private void dryRunAs(String user, TestNamespace namespace, String manifest, String... groups) {
        Config impersonating = new ConfigBuilder(kubernetes.getConfiguration())
                .withImpersonateUsername(user)
                .withImpersonateGroups(groups)
                .build();
        try (KubernetesClient client =
                new KubernetesClientBuilder().withConfig(impersonating).build()) {
            client.resource(manifest).inNamespace(namespace.name()).dryRun().create();
        }
    }

    private void letCreateDataVolumes(String user, TestNamespace namespace) {
        create(namespace, """
                apiVersion: rbac.authorization.k8s.io/v1
                kind: Role
                metadata: {name: datavolumes}
                rules:
                - {apiGroups: [cdi.kubevirt.io], resources: [datavolumes], verbs: [create]}
                """);
        create(namespace, """
                apiVersion: rbac.authorization.k8s.io/v1
                kind: RoleBinding
                metadata: {name: datavolumes}
                roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: datavolumes}
                subjects:
                - {apiGroup: rbac.authorization.k8s.io, kind: User, name: %s}
                """.formatted(user));
    }

    private static String dataVolume(String name, String source) {
        return """
                apiVersion: cdi.kubevirt.io/v1beta1
                kind: DataVolume
                metadata: {name: %s}
                spec:
                  %s
                  storage: {resources: {requests: {storage: 1Mi}}}
                """.formatted(name, source);
    }
}
