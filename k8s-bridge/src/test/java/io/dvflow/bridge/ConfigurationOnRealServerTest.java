package io.dvflow.bridge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.dvflow.api.Annotations;
import io.dvflow.api.v1beta1.CDI;
import io.dvflow.api.v1beta1.CDIConfig;
import io.dvflow.api.v1beta1.StorageProfile;
import io.dvflow.bridge.config.Configuration;
import io.dvflow.bridge.profile.Profiles;
import io.dvflow.testbed.kubeapi.KubeApi;
import io.dvflow.testbed.kubeapi.KubeApiExtension;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** StorageProfile, CDIConfig and CDI in a real API server, with the rights that the chart gives. */
@ExtendWith(KubeApiExtension.class)
@Timeout(120)
class ConfigurationOnRealServerTest {

    private static final String SNAPSHOT_CRD = """
            apiVersion: apiextensions.k8s.io/v1
            kind: CustomResourceDefinition
            metadata:
              name: %2$s.snapshot.storage.k8s.io
              annotations:
                api-approved.kubernetes.io: https://github.com/kubernetes-csi/external-snapshotter/pull/814
            spec:
              group: snapshot.storage.k8s.io
              scope: Cluster
              names: {kind: %1$s, plural: %2$s, singular: %3$s, listKind: %1$sList}
              versions:
                - name: v1
                  served: true
                  storage: true
                  schema:
                    openAPIV3Schema: {type: object, x-kubernetes-preserve-unknown-fields: true}
            """;

    private final String id = UUID.randomUUID().toString().substring(0, 8);
    private KubeApi api;
    private KubernetesClient asBridge;
    private Profiles profiles;
    private Configuration configuration;

    @BeforeAll
    static void installKinds(KubeApi api) {
        api.install(Path.of("../helm/dvflow/templates/crds"));
    }

    @BeforeEach
    void startReconciling(KubeApi server) {
        api = server;
        api.client()
                .resource(new NamespaceBuilder()
                        .withNewMetadata()
                        .withName("config-" + id)
                        .endMetadata()
                        .build())
                .create();
        asBridge = BridgeRights.clientOf(api, "config-" + id);
        profiles = new Profiles(asBridge, new SimpleMeterRegistry(), InstantSource.system());
        configuration = new Configuration(asBridge, profiles::storageClasses, "9.9.9", InstantSource.system());
        profiles.onStorageClasses(configuration::look);
        profiles.start();
        configuration.start();
    }

    @AfterEach
    void stopReconciling() {
        configuration.close();
        profiles.close();
        asBridge.close();
        api.client().resources(CDI.class).delete();
        api.client().storage().v1().storageClasses().delete();
    }

    @Test
    void aProfileComesAndGoesWithItsStorageClass() {
        String name = "ebs-" + id;
        create("""
                apiVersion: storage.k8s.io/v1
                kind: StorageClass
                metadata: {name: %s}
                provisioner: ebs.csi.aws.com
                parameters: {type: gp3}
                """.formatted(name));

        await().until(() -> profile(name) != null && profile(name).getStatus() != null);
        var status = profile(name).getStatus();
        assertThat(status.provisioner()).isEqualTo("ebs.csi.aws.com");
        assertThat(status.claimPropertySets().getFirst().volumeMode()).isEqualTo("Block");
        assertThat(status.cloneStrategy()).isEqualTo("copy");
        assertThat(status.conditions().getFirst().reason()).isEqualTo("RecognizedProvisioner");
        assertThat(profile(name).getMetadata().getAnnotations())
                .containsEntry(Annotations.MINIMUM_SUPPORTED_PVC_SIZE, "1Gi");

        merge(profile(name), "{\"spec\":{\"cloneStrategy\":\"csi-clone\"}}");
        await().until(() -> "csi-clone".equals(profile(name).getStatus().cloneStrategy()));

        api.client().storage().v1().storageClasses().withName(name).delete();
        await().until(() -> profile(name) == null);
    }

    @Test
    void aDeletedProfileComesBack() {
        String name = "plain-" + id;
        create(storageClass(name, "example.org/unknown"));
        await().until(() -> profile(name) != null && profile(name).getStatus() != null);
        String uid = profile(name).getMetadata().getUid();

        api.client().resource(profile(name)).delete();

        await().until(() ->
                profile(name) != null && !profile(name).getMetadata().getUid().equals(uid));
    }

    @Test
    void volumesTellWhatAClassWithoutProvisionerCanDo() {
        String name = "local-" + id;
        create(storageClass(name, "kubernetes.io/no-provisioner"));
        await().until(() -> profile(name) != null && profile(name).getStatus() != null);
        assertThat(profile(name).getStatus().claimPropertySets()).isEmpty();

        create("""
                apiVersion: v1
                kind: PersistentVolume
                metadata: {name: disk-%1$s}
                spec:
                  storageClassName: local-%1$s
                  accessModes: [ReadWriteOnce]
                  volumeMode: Block
                  capacity: {storage: 1Gi}
                  hostPath: {path: /tmp/x}
                """.formatted(id));

        await().until(() ->
                profile(name).getStatus().claimPropertySets().toString().contains("Block"));
        assertThat(profile(name).getStatus().conditions().getFirst().status()).isEqualTo("False");
    }

    @Test
    void snapshotsServedLaterAreFound() {
        String name = "ceph-" + id;
        create(storageClass(name, "example.org/" + id));
        await().until(() -> profile(name) != null && profile(name).getStatus() != null);
        assertThat(profile(name).getStatus().cloneStrategy()).isEqualTo("copy");

        for (String kind : List.of("VolumeSnapshotClass", "VolumeSnapshot", "VolumeSnapshotContent")) {
            String singular = kind.toLowerCase(java.util.Locale.ROOT);
            String plural = singular + (singular.endsWith("s") ? "es" : "s");
            create(SNAPSHOT_CRD.formatted(kind, plural, singular));
        }
        await().ignoreException(KubernetesClientException.class).until(() -> {
            api.client()
                    .genericKubernetesResources("snapshot.storage.k8s.io/v1", "VolumeSnapshotClass")
                    .list();
            profiles.lookForSnapshots();
            return true;
        });
        create("""
                apiVersion: snapshot.storage.k8s.io/v1
                kind: VolumeSnapshotClass
                metadata: {name: snap-%1$s}
                driver: example.org/%1$s
                deletionPolicy: Delete
                """.formatted(id));

        await().until(() -> "snapshot".equals(profile(name).getStatus().cloneStrategy()));
        assertThat(profile(name).getStatus().snapshotClass()).isEqualTo("snap-" + id);
    }

    @Test
    void cdiConfigShowsTheSettingsInEffectAndFollowsTheCdiObject() {
        String storage = "config-" + id;
        create(storageClass(storage, "example.org/unknown"));
        create("""
                apiVersion: cdi.kubevirt.io/v1beta1
                kind: CDI
                metadata: {name: cdi-%s}
                spec:
                  config:
                    uploadProxyURLOverride: https://upload.example.org
                    filesystemOverhead: {global: "0.08"}
                """.formatted(id));

        await().until(() -> config() != null
                && config().getStatus() != null
                && "https://upload.example.org".equals(config().getStatus().uploadProxyURL())
                && config().getStatus().filesystemOverhead().storageClass().containsKey(storage));
        var status = config().getStatus();
        assertThat(status.filesystemOverhead().global()).isEqualTo("0.08");
        assertThat(status.scratchSpaceStorageClass()).isEmpty();
        assertThat(status.preallocation()).isFalse();
        assertThat(status.defaultPodResourceRequirements().getLimits().get("memory"))
                .hasToString("600M");

        CDI installed = api.client().resources(CDI.class).withName("cdi-" + id).get();
        assertThat(installed.getMetadata().getAnnotations()).containsKey(Annotations.CONFIG_AUTHORITY);
        assertThat(installed.getStatus().phase()).isEqualTo("Deployed");
        assertThat(installed.getStatus().observedVersion()).isEqualTo("9.9.9");

        merge(installed, "{\"spec\":{\"config\":null}}");
        await().until(() ->
                "0.06".equals(config().getStatus().filesystemOverhead().global())
                        && config().getStatus().uploadProxyURL() == null);
    }

    @Test
    void aSecondCdiObjectIsAnError() {
        create(installation("a-" + id));
        await().until(() -> "Deployed".equals(phaseOf("a-" + id)));
        create(installation("b-" + id));

        await().until(() -> "Error".equals(phaseOf("b-" + id)));
        assertThat(phaseOf("a-" + id)).isEqualTo("Deployed");
    }

    private String phaseOf(String cdi) {
        var status = api.client().resources(CDI.class).withName(cdi).get().getStatus();
        return status == null ? "" : status.phase();
    }

    private StorageProfile profile(String name) {
        return api.client().resources(StorageProfile.class).withName(name).get();
    }

    private CDIConfig config() {
        return api.client().resources(CDIConfig.class).withName("config").get();
    }

    private void merge(HasMetadata object, String patch) {
        api.client().resource(object).patch(PatchContext.of(PatchType.JSON_MERGE), patch);
    }

    private void create(String yaml) {
        HasMetadata object = api.client().getKubernetesSerialization().unmarshal(yaml);
        api.client().resource(object).create();
    }

    private static String installation(String name) {
        return """
                apiVersion: cdi.kubevirt.io/v1beta1
                kind: CDI
                metadata: {name: %s}
                spec: {}
                """.formatted(name);
    }

    private static String storageClass(String name, String provisioner) {
        return """
                apiVersion: storage.k8s.io/v1
                kind: StorageClass
                metadata: {name: %s}
                provisioner: %s
                """.formatted(name, provisioner);
    }
}
