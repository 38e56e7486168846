package io.dvflow.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.dvflow.api.v1beta1.ClaimPropertySet;
import io.dvflow.api.v1beta1.StorageProfile;
import io.fabric8.kubernetes.api.model.PersistentVolumeBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.storage.StorageClassBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.Resource;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfEnvironmentVariable;

/** What the bridge keeps beside operations: profiles of storage classes, and word of what it cannot carry out. */
@EnabledIfEnvironmentVariable(named = "DVFLOW_E2E", matches = "1")
class ConfigurationTest {

    private final KubernetesClient kubernetes = TestCluster.get().kubernetes();
    private final String name = "profile-" + UUID.randomUUID().toString().substring(0, 6);

    @Test
    void aKnownProvisionerGetsItsProfileAndTheProfileGoesWithTheClass() {
        createClass("ebs.csi.aws.com", Map.of("type", "gp3"));
        try {
            TestWaits.until(
                    "profile " + name + " is filled in",
                    () -> profile().get() != null
                            && profile().get().getStatus() != null
                            && !profile().get().getStatus().claimPropertySets().isEmpty());
            TestWaits.until(
                    "profile " + name + " names the provider's minimum",
                    () -> "1Gi".equals(minimumOf(profile().get())));
        } finally {
            kubernetes.storage().v1().storageClasses().withName(name).delete();
        }
        TestWaits.until("profile " + name + " is gone", () -> profile().get() == null);
    }

    @Test
    void aClassWithoutProvisionerIsWhatItsVolumesAre() {
        createClass("kubernetes.io/no-provisioner", Map.of());
        var volume = kubernetes.resource(new PersistentVolumeBuilder()
                .withNewMetadata()
                .withName(name)
                .endMetadata()
                .withNewSpec()
                .withStorageClassName(name)
                .withAccessModes("ReadWriteMany")
                .withVolumeMode("Block")
                .addToCapacity("storage", new Quantity("1Gi"))
                .withNewHostPath()
                .withPath("/nowhere")
                .endHostPath()
                .endSpec()
                .build());
        volume.create();
        try {
            TestWaits.until(
                    "profile " + name + " shows the volume's modes",
                    () -> profile().get() != null
                            && profile().get().getStatus() != null
                            && profile().get().getStatus().claimPropertySets().stream()
                                    .anyMatch(ConfigurationTest::isSharedBlock));
        } finally {
            volume.delete();
            kubernetes.storage().v1().storageClasses().withName(name).delete();
        }
    }

    @Test
    void aSourceThatIsNotCarriedOutYetIsSaidSoAndNotStarted() {
        try (var namespace = new TestNamespace("unsupported")) {
            var applied = namespace.apply(
                    Manifests.blank("disk", "csi-immediate", "Block", 1 << 20).replace("blank:", "upload:"));
            TestWaits.until("the object says that it is not carried out", () -> {
                var status = namespace.dataVolume("disk").get().getStatus();
                return status != null
                        && status.conditions().stream()
                                .anyMatch(condition -> condition.type().equals("OperationSupported")
                                        && condition.status().equals("False")
                                        && condition.reason().equals("SourceNotSupported"));
            });
            assertThat(namespace.dataVolume("disk").get().getMetadata().getFinalizers())
                    .isEmpty();
            Leftovers.assertNothingAtAll(namespace, TestNamespace.refOf(applied));
        }
    }

    private void createClass(String provisioner, Map<String, String> parameters) {
        kubernetes
                .resource(new StorageClassBuilder()
                        .withNewMetadata()
                        .withName(name)
                        .endMetadata()
                        .withProvisioner(provisioner)
                        .withParameters(parameters)
                        .build())
                .create();
    }

    private Resource<StorageProfile> profile() {
        return kubernetes.resources(StorageProfile.class).withName(name);
    }

    private static String minimumOf(StorageProfile profile) {
        var annotations = profile.getMetadata().getAnnotations();
        return annotations == null ? null : annotations.get("cdi.kubevirt.io/minimumSupportedPvcSize");
    }

    private static boolean isSharedBlock(ClaimPropertySet set) {
        return set.accessModes().contains("ReadWriteMany") && "Block".equals(set.volumeMode());
    }
}
