package io.dvflow.api.v1beta1;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import org.junit.jupiter.api.Test;

class DataVolumeJsonTest {
    private final KubernetesSerialization json = new KubernetesSerialization();

    @Test
    void readsWhatAUserWritesAndIgnoresWhatItDoesNotKnow() {
        DataVolume dataVolume = json.unmarshal("""
                apiVersion: cdi.kubevirt.io/v1beta1
                kind: DataVolume
                metadata: {name: fedora, namespace: default}
                spec:
                  fromTheFuture: true
                  source:
                    http: {url: "http://server/fedora.qcow2", extraHeaders: ["A: b"]}
                  pvc:
                    accessModes: [ReadWriteOnce]
                    volumeMode: Block
                    resources: {requests: {storage: 1Gi}}
                status: {phase: ImportInProgress, progress: 12.50%, restartCount: 2}
                """, DataVolume.class);

        DataVolumeSpec spec = dataVolume.getSpec();
        assertThat(spec.source().http().url()).isEqualTo("http://server/fedora.qcow2");
        assertThat(spec.source().http().extraHeaders()).containsExactly("A: b");
        assertThat(spec.pvc().getVolumeMode()).isEqualTo("Block");
        assertThat(spec.checkpoints()).isEmpty();
        assertThat(SourceKind.of(spec.source())).isEqualTo(SourceKind.HTTP);
        assertThat(DataVolumePhase.of(dataVolume)).isEqualTo(DataVolumePhase.IMPORT_IN_PROGRESS);
    }

    @Test
    void writesOnlyWhatIsSetAndKeepsEmptySourceObjects() {
        DataVolume dataVolume = new DataVolume();
        dataVolume.setSpec(new DataVolumeSpec(
                DataVolumeSource.of(new BlankSource()), null, null, null, null, null, null, null, null, null));

        assertThat(json.asJson(dataVolume))
                .isEqualTo("{\"apiVersion\":\"cdi.kubevirt.io/v1beta1\",\"kind\":\"DataVolume\","
                        + "\"metadata\":{},\"spec\":{\"source\":{\"blank\":{}}}}");
    }

    @Test
    void namesTheMembersOfASourceWithSeveral() {
        DataVolumeSource source = new DataVolumeSource(
                null, null, null, null, null, new UploadSource(), new BlankSource(), null, null, null);

        assertThatThrownBy(() -> SourceKind.of(source))
                .hasMessageContaining("Multiple Data volume sources")
                .hasMessageContaining("[upload, blank]");
    }
}
