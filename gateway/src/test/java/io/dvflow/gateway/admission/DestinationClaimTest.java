package io.dvflow.gateway.admission;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.client.utils.Serialization;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DestinationClaimTest {

    @ParameterizedTest(name = "{0}")
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            case                            | DataVolume annotations                             | claim metadata                                                                                          | gate  | allowed
            stranger                        | {}                                                 | {}                                                                                                      | false | false
            of a DataVolume of this name    | {}                                                 | ownerReferences: [{kind: DataVolume, name: disk, controller: true}]                                     | false | true
            of another DataVolume           | {}                                                 | ownerReferences: [{kind: DataVolume, name: other, controller: true}]                                    | false | false
            of another kind of this name    | {}                                                 | ownerReferences: [{kind: VirtualMachine, name: disk, controller: true}]                                 | false | false
            owned but not controlled        | {}                                                 | ownerReferences: [{kind: DataVolume, name: disk, controller: false}]                                    | false | false
            filled for this DataVolume      | {}                                                 | annotations: {cdi.kubevirt.io/storage.populatedFor: disk}                                               | false | true
            filled for another DataVolume   | {}                                                 | annotations: {cdi.kubevirt.io/storage.populatedFor: other}                                              | false | false
            DataVolume says it is filled    | cdi.kubevirt.io/storage.prePopulated: disk         | {}                                                                                                      | false | true
            adoption by annotation          | cdi.kubevirt.io/allowClaimAdoption: "true"         | {}                                                                                                      | false | true
            adoption by feature gate        | {}                                                 | {}                                                                                                      | true  | true
            annotation beats feature gate   | cdi.kubevirt.io/allowClaimAdoption: "false"        | {}                                                                                                      | true  | false
            """, useHeadersInDisplayName = true)
    void refusesStrangers(String name, String annotations, String metadata, boolean gate, boolean allowed) {
        FakeCluster cluster = new FakeCluster().withClaim(claim(metadata));
        if (gate) {
            cluster.withFeatureGate("DataVolumeClaimAdoption");
        }

        Verdict verdict = new DataVolumeCreation(cluster)
                .decide(Requests.create("alice", """
                        apiVersion: cdi.kubevirt.io/v1beta1
                        kind: DataVolume
                        metadata: {name: disk, namespace: default, annotations: {%s}}
                        spec: {source: {blank: {}}}
                        """.formatted(annotations.equals("{}") ? "" : annotations)));

        if (allowed) {
            assertThat(verdict).isEqualTo(Verdict.allowed());
        } else {
            assertThat(verdict).isInstanceOfSatisfying(Verdict.Denied.class, denied -> {
                assertThat(denied.code()).isEqualTo(422);
                assertThat(denied.message()).contains("Destination PVC default/disk already exists");
            });
        }
    }

    private static PersistentVolumeClaim claim(String metadata) {
        return Serialization.unmarshal(
                """
                apiVersion: v1
                kind: PersistentVolumeClaim
                metadata: {name: disk, namespace: default, %s}
                """.formatted(metadata.equals("{}") ? "" : metadata), PersistentVolumeClaim.class);
    }
}
