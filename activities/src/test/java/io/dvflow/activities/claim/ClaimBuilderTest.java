package io.dvflow.activities.claim;

import static org.assertj.core.api.Assertions.assertThat;

import io.dvflow.activities.Given;
import io.dvflow.activities.Golden;
import io.dvflow.api.v1beta1.DataVolume;
import io.dvflow.api.v1beta1.DataVolumeSpec;
import io.dvflow.workflows.import_.ImportPlan;
import io.dvflow.workflows.import_.ImportPlan.ClaimPath;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaimBuilder;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ClaimBuilderTest {

    private static final ImportPlan PLAN = Given.plan(ClaimPath.POPULATOR);

    private static final String VDDK = """
            {vddk: {url: 'https://vcenter', uuid: '42', backingFile: '[store] vm/vm.vmdk', thumbprint: 'AA:BB',
             secretRef: login, certConfigMap: authority, initImageURL: 'vddk:8', extraArgs: args}}""";

    @Test
    void theThreeObjectsOfThePopulatorPath() {
        DataVolume object = Given.httpDataVolume();
        object.getMetadata().setLabels(Map.of("team", "web"));
        object.getMetadata()
                .setAnnotations(Map.of(
                        "example.com/owner",
                        "me",
                        "dvflow.io/paused",
                        "true",
                        "kubectl.kubernetes.io/last-applied-configuration",
                        "{}"));
        PersistentVolumeClaim target = new PersistentVolumeClaimBuilder(ClaimBuilder.target(object, PLAN))
                .editMetadata()
                .withUid("target-uid")
                .addToAnnotations("volume.kubernetes.io/selected-node", "node-1")
                .endMetadata()
                .build();

        Golden.matches("claim-target", target);
        Golden.matches("claim-prime", ClaimBuilder.prime(object, PLAN, target));
        Golden.matches("import-source", ClaimBuilder.importSource(object, PLAN));
    }

    @ParameterizedTest
    @CsvSource({
        "http, {url: 'http://images/disk'}",
        "s3, {url: 'http://endpoint/images/disk'}",
        "gcs, {url: 'gs://images/disk'}",
        "registry, {url: 'docker://images/disk'}",
        "blank, {}",
        "imageio, {url: 'https://engine'}",
        "vddk, {url: 'https://vcenter'}",
    })
    void theImportSourceHasTheSourceOfTheDataVolume(String kind, String source) {
        DataVolume object = Given.httpDataVolume();
        object.setSpec(Given.yaml("source: {" + kind + ": " + source + "}", DataVolumeSpec.class));

        assertThat(ClaimBuilder.importSource(object, PLAN).getSpec().source().members())
                .isEqualTo(object.getSpec().source().members());
    }

    @Test
    void aClaimSaysWhatItIsFilledFromInCdisWords() {
        assertThat(annotationsFor("{blank: {}}")).containsEntry("cdi.kubevirt.io/storage.import.source", "none");
        assertThat(annotationsFor("{s3: {url: 'https://s3/a/b', secretRef: keys}}"))
                .containsEntry("cdi.kubevirt.io/storage.import.source", "s3")
                .containsEntry("cdi.kubevirt.io/storage.import.endpoint", "https://s3/a/b")
                .containsEntry("cdi.kubevirt.io/storage.import.secretName", "keys");
        assertThat(annotationsFor(
                        "{registry: {url: 'docker://a/b', certConfigMap: c, platform: {architecture: arm64}}}"))
                .containsEntry("cdi.kubevirt.io/storage.import.source", "registry")
                .containsEntry("cdi.kubevirt.io/storage.import.endpoint", "docker://a/b")
                .containsEntry("cdi.kubevirt.io/storage.import.certConfigMap", "c")
                .containsEntry("cdi.kubevirt.io/storage.import.registryImageArchitecture", "arm64");
        assertThat(annotationsFor("{registry: {imageStream: fedora, pullMethod: node}}"))
                .containsEntry("cdi.kubevirt.io/storage.import.endpoint", "fedora")
                .containsEntry("cdi.kubevirt.io/storage.import.registryImportMethod", "node")
                .containsEntry("cdi.kubevirt.io/storage.import.registryImageStream", "true");
    }

    @Test
    void aClaimSaysWhichObjectOfGoogleCloudStorageItIsFilledFrom() {
        assertThat(sourceAnnotationsFor("{gcs: {url: 'gs://b/disk', secretRef: key}}"))
                .containsOnly(
                        Map.entry("cdi.kubevirt.io/storage.import.source", "gcs"),
                        Map.entry("cdi.kubevirt.io/storage.import.endpoint", "gs://b/disk"),
                        Map.entry("cdi.kubevirt.io/storage.import.secretName", "key"));
    }

    @Test
    void aClaimSaysWhichDiskOfOvirtItIsFilledFrom() {
        assertThat(sourceAnnotationsFor("""
                        {imageio: {url: 'https://engine/ovirt-engine/api', diskId: '1234', secretRef: login,
                         certConfigMap: authority}}"""))
                .containsOnly(
                        Map.entry("cdi.kubevirt.io/storage.import.source", "imageio"),
                        Map.entry("cdi.kubevirt.io/storage.import.endpoint", "https://engine/ovirt-engine/api"),
                        Map.entry("cdi.kubevirt.io/storage.import.diskId", "1234"),
                        Map.entry("cdi.kubevirt.io/storage.import.secretName", "login"),
                        Map.entry("cdi.kubevirt.io/storage.import.certConfigMap", "authority"));
        assertThat(sourceAnnotationsFor(
                        "{imageio: {url: 'https://e', diskId: '1', secretRef: login, insecureSkipVerify: true}}"))
                .containsEntry("cdi.kubevirt.io/storage.import.insecureSkipVerify", "true");
    }

    @Test
    void aClaimSaysWhichDiskOfVmwareItIsFilledFromAndWithWhichLibrary() {
        assertThat(sourceAnnotationsFor(VDDK))
                .containsOnly(
                        Map.entry("cdi.kubevirt.io/storage.import.source", "vddk"),
                        Map.entry("cdi.kubevirt.io/storage.import.endpoint", "https://vcenter"),
                        Map.entry("cdi.kubevirt.io/storage.import.uuid", "42"),
                        Map.entry("cdi.kubevirt.io/storage.import.backingFile", "[store] vm/vm.vmdk"),
                        Map.entry("cdi.kubevirt.io/storage.import.vddk.thumbprint", "AA:BB"),
                        Map.entry("cdi.kubevirt.io/storage.import.secretName", "login"),
                        Map.entry("cdi.kubevirt.io/storage.import.certConfigMap", "authority"),
                        Map.entry("cdi.kubevirt.io/storage.pod.vddk.initimageurl", "vddk:8"),
                        Map.entry("cdi.kubevirt.io/storage.pod.vddk.extraargs", "args"));
    }

    @Test
    void theLibraryThatAnAnnotationNamesIsTheOneOfTheClaim() {
        DataVolume object = from(VDDK);
        object.getMetadata().setAnnotations(Map.of("cdi.kubevirt.io/storage.pod.vddk.initimageurl", "vddk:9"));

        assertThat(ClaimBuilder.target(object, Given.plan(ClaimPath.DIRECT))
                        .getMetadata()
                        .getAnnotations())
                .containsEntry("cdi.kubevirt.io/storage.pod.vddk.initimageurl", "vddk:9")
                .containsEntry("cdi.kubevirt.io/storage.pod.vddk.extraargs", "args");
    }

    /** Those that every claim has are left out. */
    private static Map<String, String> sourceAnnotationsFor(String source) {
        Map<String, String> all = new HashMap<>(annotationsFor(source));
        all.keySet().removeIf(key -> !key.startsWith("cdi.kubevirt.io/storage.import.") && !key.contains(".vddk."));
        return all;
    }

    private static Map<String, String> annotationsFor(String source) {
        return ClaimBuilder.target(from(source), Given.plan(ClaimPath.DIRECT))
                .getMetadata()
                .getAnnotations();
    }

    private static DataVolume from(String source) {
        DataVolume object = Given.httpDataVolume();
        object.setSpec(Given.yaml(
                "source: " + source + "\nstorage: {resources: {requests: {storage: 1Gi}}}", DataVolumeSpec.class));
        return object;
    }

    @Test
    void theDirectPathHasNoDataSource() {
        assertThat(ClaimBuilder.target(Given.httpDataVolume(), Given.plan(ClaimPath.DIRECT))
                        .getSpec()
                        .getDataSourceRef())
                .isNull();
    }

    @Test
    void thePvcFormKeepsWhatItSays() {
        DataVolume object = Given.httpDataVolume();
        object.setSpec(Given.spec("""
                pvc:
                  accessModes: [ReadWriteOnce, ReadOnlyMany]
                  selector: {matchLabels: {disk: fast}}
                  resources: {requests: {storage: 1Gi}, limits: {storage: 2Gi}}
                """));

        var spec = ClaimBuilder.target(object, Given.plan(ClaimPath.DIRECT)).getSpec();

        assertThat(spec.getAccessModes()).isEqualTo(List.of("ReadWriteOnce", "ReadOnlyMany"));
        assertThat(spec.getSelector().getMatchLabels()).containsEntry("disk", "fast");
        assertThat(spec.getResources().getRequests().get("storage")).hasToString("1Gi");
        assertThat(spec.getResources().getLimits().get("storage")).hasToString("2Gi");
        assertThat(spec.getStorageClassName()).isEqualTo("fast");
    }
}
