package io.dvflow.activities.transfer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dvflow.activities.Example;
import io.dvflow.activities.Given;
import io.dvflow.activities.Golden;
import io.dvflow.activities.Trouble;
import io.dvflow.activities.transfer.source.VddkLibrary;
import io.dvflow.api.v1beta1.DataVolume;
import io.dvflow.api.v1beta1.NodePlacement;
import io.dvflow.transfer.Checkpoint;
import io.dvflow.workflows.import_.ImportPlan;
import io.dvflow.workflows.import_.ImportPlan.ClaimPath;
import io.dvflow.workflows.transfer.TransferProgress;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.Pod;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The pods of migrations from oVirt and VMware, from the examples in the documentation. */
class MigrationPodTest {

    private static final PodSettings SETTINGS = new PodSettings(
            "transfer:1",
            "IfNotPresent",
            Optional.empty(),
            List.of(),
            Optional.empty(),
            List.of(),
            new PodSettings.Vddk(
                    "transfer-vddk:1", Optional.of("registry/everybodys-vddk:7"), PodSettings.ConfigMaps.NONE));
    private static final PersistentVolumeClaim CLAIM = Given.yaml("""
            apiVersion: v1
            kind: PersistentVolumeClaim
            metadata: {namespace: vms, name: fedora, uid: claim-uid}
            """, PersistentVolumeClaim.class);

    private static final VddkLibrary LIBRARY = new VddkLibrary(Optional.empty(), Optional.of("vddk-args"));

    @Test
    void aPodForADiskOfOvirt() {
        Golden.matches("pod-imageio", pod("import-imageio-datavolume", Given.plan(ClaimPath.DIRECT)));
    }

    @Test
    void aPodForACheckpointOfVmware() {
        ImportPlan stage = Given.plan(ClaimPath.DIRECT).at(new Checkpoint("snapshot-102", Optional.of("snapshot-101")));

        Golden.matches("pod-vddk-checkpoint", pod("vddk-args-field", stage));
    }

    @ParameterizedTest
    @CsvSource({
        "import-vddk-datavolume, registry/everybodys-vddk:7",
        "vddk-args-annotation, registry.example.com/vddk:8",
        "vddk-args-field, registry.example.com/vddk:8",
    })
    void theObjectsOwnLibraryGoesBeforeEverybodys(String example, String image) {
        Pod pod = pod(example, Given.plan(ClaimPath.DIRECT));

        assertThat(pod.getSpec().getInitContainers())
                .extracting(container -> container.getImage())
                .containsExactly(image);
        assertThat(pod.getSpec().getContainers().getFirst().getImage()).isEqualTo("transfer-vddk:1");
    }

    @Test
    void noPodIsMadeWhenTheLibraryIsNotKnownAnyMore() {
        DataVolume object = Example.dataVolume("migration/import-vddk-datavolume.yaml");
        var settings =
                new PodSettings("transfer:1", "Always", Optional.empty(), List.of(), Optional.empty(), List.of());

        assertThatThrownBy(() -> TransferPodBuilder.build(
                        object, Given.plan(ClaimPath.DIRECT), CLAIM, TransferProgress.NONE, settings))
                .isInstanceOf(Trouble.class)
                .hasMessageContaining("VDDK");
    }

    @Test
    void runsOnlyWhereTheLibraryDoes() {
        assertThat(pod("import-vddk-datavolume", Given.plan(ClaimPath.DIRECT))
                        .getSpec()
                        .getNodeSelector())
                .containsExactly(Map.entry("kubernetes.io/arch", "amd64"));
    }

    @Test
    void theUsersNodeSelectorNarrowsDownWhatAdministratorsAllow() {
        PodSettings placed = new PodSettings(
                "transfer:1",
                "IfNotPresent",
                Optional.empty(),
                List.of(),
                Optional.of(new NodePlacement(Map.of("pool", "transfers", "zone", "any"), null, null)),
                List.of(),
                SETTINGS.vddk());
        DataVolume object = Example.dataVolume("migration/vddk-args-field.yaml");
        Pod pod = TransferPodBuilder.build(object, Given.plan(ClaimPath.DIRECT), CLAIM, TransferProgress.NONE, placed);

        VddkNodes.addTo(pod, LIBRARY, Map.of(VddkNodes.KEY, "{\"zone\": \"vmware\"}"));

        assertThat(pod.getSpec().getNodeSelector())
                .containsOnly(
                        Map.entry("kubernetes.io/arch", "amd64"),
                        Map.entry("pool", "transfers"),
                        Map.entry("zone", "vmware"));
    }

    @Test
    void settingsWithoutANodeSelectorSayNothingOfNodes() {
        Pod pod = pod("vddk-args-field", Given.plan(ClaimPath.DIRECT));

        VddkNodes.addTo(pod, LIBRARY, Map.of("vddk-config-file", "VixDiskLib.nfcAio.Session.BufCount=4"));

        assertThat(pod.getSpec().getNodeSelector()).containsOnlyKeys("kubernetes.io/arch");
    }

    @ParameterizedTest
    @ValueSource(strings = {"zone=vmware", "[\"zone\"]", "{\"zone\": {\"in\": [\"a\"]}}"})
    void aNodeSelectorThatIsNoneIsSaidWithWhatIsExpected(String selector) {
        Pod pod = pod("vddk-args-field", Given.plan(ClaimPath.DIRECT));

        assertThatThrownBy(() -> VddkNodes.addTo(pod, LIBRARY, Map.of(VddkNodes.KEY, selector)))
                .isInstanceOf(Trouble.class)
                .hasMessageContaining("vddk-node-selector of ConfigMap vddk-args")
                .hasMessageContaining("JSON object");
    }

    private static Pod pod(String example, ImportPlan plan) {
        return TransferPodBuilder.build(
                Example.dataVolume("migration/" + example + ".yaml"), plan, CLAIM, TransferProgress.NONE, SETTINGS);
    }
}
