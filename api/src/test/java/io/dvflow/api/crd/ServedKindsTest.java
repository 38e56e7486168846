package io.dvflow.api.crd;

import static org.assertj.core.api.Assertions.assertThat;

import io.dvflow.api.v1beta1.BlankSource;
import io.dvflow.api.v1beta1.DataVolume;
import io.dvflow.api.v1beta1.DataVolumeCondition;
import io.dvflow.api.v1beta1.DataVolumeSource;
import io.dvflow.api.v1beta1.DataVolumeSpec;
import io.dvflow.api.v1beta1.DataVolumeStatus;
import io.dvflow.api.v1beta1.StorageSpec;
import io.dvflow.testbed.kubeapi.KubeApi;
import io.dvflow.testbed.kubeapi.KubeApiExtension;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.VolumeResourceRequirementsBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What kubectl and clients see of the kinds. */
@ExtendWith(KubeApiExtension.class)
class ServedKindsTest {
    private static KubeApi api;

    @BeforeAll
    static void install(KubeApi kubeApi) {
        api = kubeApi;
        api.install(ChartFiles.CRDS);
        api.kubectl("create", "namespace", "kinds");
    }

    @Test
    void kindsHaveTheScopesAndShortNamesOfCdi() {
        String resources = api.kubectl("api-resources", "--api-group=cdi.kubevirt.io", "--no-headers", "-o", "wide");

        assertThat(resources.lines().map(line -> line.replaceAll("\\s+", " ")))
                .anyMatch(line -> line.startsWith("cdis cdi,cdis cdi.kubevirt.io/v1beta1 false CDI "))
                .anyMatch(line -> line.startsWith("cdiconfigs cdi.kubevirt.io/v1beta1 false CDIConfig "))
                .anyMatch(line -> line.startsWith("datavolumes dv,dvs cdi.kubevirt.io/v1beta1 true DataVolume ")
                        && line.endsWith(" all"))
                .anyMatch(line -> line.startsWith("storageprofiles cdi.kubevirt.io/v1beta1 false StorageProfile "))
                .anyMatch(line ->
                        line.startsWith("volumeimportsources cdi.kubevirt.io/v1beta1 true VolumeImportSource "));
    }

    @Test
    void installationIsServedInItsOldVersionToo() {
        assertThat(api.kubectl("get", "cdis.v1alpha1.cdi.kubevirt.io")).contains("No resources found");
    }

    @Test
    void explainsEveryFieldOfADataVolume() {
        String fields = api.kubectl("explain", "datavolume.spec", "--recursive");

        assertThat(fields).contains("source", "http", "extraHeaders", "finalCheckpoint", "volumeAttributesClassName");
        assertThat(api.kubectl("explain", "datavolume.spec.source.http.checksum"))
                .contains("Expected digest of the source");
        assertThat(api.kubectl("explain", "datavolume.spec.pvc.dataSourceRef.namespace"))
                .contains("only objects of the same namespace");
    }

    @Test
    void listsDataVolumesWithPhaseProgressAndRestarts() {
        KubernetesClient client = api.client();
        DataVolume created = client.resource(blank("listed")).create();
        created.setStatus(new DataVolumeStatus(
                "listed",
                "ImportInProgress",
                "42.00%",
                2,
                List.of(new DataVolumeCondition("Running", "True", null, null, "Pod is running", ""))));
        client.resource(created).updateStatus();

        String list = api.kubectl("get", "dv", "-n", "kinds", "listed");
        assertThat(list.lines().findFirst().orElseThrow().split("\\s+"))
                .containsExactly("NAME", "PHASE", "PROGRESS", "RESTARTS", "AGE");
        assertThat(list).contains("ImportInProgress", "42.00%", " 2 ");
    }

    @Test
    void statusOfADataVolumeIsWrittenThroughItsSubresourceOnly() {
        DataVolume dataVolume = blank("status");
        dataVolume.setStatus(new DataVolumeStatus("status", "Succeeded", null, null, List.of()));

        DataVolume created = api.client().resource(dataVolume).create();

        assertThat(created.getStatus()).isNull();
    }

    private static DataVolume blank(String name) {
        DataVolume dataVolume = new DataVolume();
        dataVolume.getMetadata().setNamespace("kinds");
        dataVolume.getMetadata().setName(name);
        StorageSpec storage = new StorageSpec(
                List.of(),
                null,
                new VolumeResourceRequirementsBuilder()
                        .addToRequests("storage", new Quantity("1Gi"))
                        .build(),
                null,
                null,
                null,
                null,
                null);
        dataVolume.setSpec(new DataVolumeSpec(
                DataVolumeSource.of(new BlankSource()), null, null, storage, null, null, null, null, null, null));
        return dataVolume;
    }
}
