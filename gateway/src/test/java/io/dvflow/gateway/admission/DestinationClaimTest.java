package io.dvflow.gateway.admission;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.OwnerReference;
import io.fabric8.kubernetes.api.model.OwnerReferenceBuilder;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DestinationClaimTest {

    @ParameterizedTest(name = "{0}")
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            case                          | DataVolume annotation       | owner of the claim               | annotation of the claim     | gate  | allowed
            stranger                      |                             |                                  |                             | false | false
            of a DataVolume of this name  |                             | DataVolume/disk                  |                             | false | true
            of another DataVolume         |                             | DataVolume/other                 |                             | false | false
            of another kind of this name  |                             | VirtualMachine/disk              |                             | false | false
            owned but not controlled      |                             | DataVolume/disk (not in control) |                             | false | false
            filled for this DataVolume    |                             |                                  | storage.populatedFor: disk  | false | true
            filled for another DataVolume |                             |                                  | storage.populatedFor: other | false | false
            DataVolume says it is filled  | storage.prePopulated: disk  |                                  |                             | false | true
            adoption by annotation        | allowClaimAdoption: "true"  |                                  |                             | false | true
            adoption by feature gate      |                             |                                  |                             | true  | true
            annotation beats feature gate | allowClaimAdoption: "false" |                                  |                             | true  | false
            """, useHeadersInDisplayName = true)
    void refusesStrangers(
            String name, String annotation, String owner, String claimAnnotation, boolean gate, boolean allowed) {
        FakeCluster cluster = new FakeCluster().withClaim(claim(owner, claimAnnotation));
        if (gate) {
            cluster.withFeatureGate("DataVolumeClaimAdoption");
        }

        Verdict verdict =
                new DataVolumeCreation(cluster).decide(Requests.create("alice", """
                        apiVersion: cdi.kubevirt.io/v1beta1
                        kind: DataVolume
                        metadata: {name: disk, namespace: default, annotations: {%s}}
                        spec: {source: {blank: {}}}
                        """.formatted(ofCdi(annotation))));

        if (allowed) {
            assertThat(verdict).isEqualTo(Verdict.allowed());
        } else {
            assertThat(verdict).isInstanceOfSatisfying(Verdict.Denied.class, denied -> {
                assertThat(denied.code()).isEqualTo(422);
                assertThat(denied.message()).contains("Destination PVC default/disk already exists");
            });
        }
    }

    private static PersistentVolumeClaim claim(String owner, String annotation) {
        PersistentVolumeClaim claim =
                Serialization.unmarshal("""
                apiVersion: v1
                kind: PersistentVolumeClaim
                metadata: {name: disk, namespace: default, annotations: {%s}}
                """.formatted(ofCdi(annotation)), PersistentVolumeClaim.class);
        if (owner != null) {
            claim.getMetadata().setOwnerReferences(List.of(owner(owner)));
        }
        return claim;
    }

    /** @param text as in {@code DataVolume/disk}, with more words if it is not in control */
    private static OwnerReference owner(String text) {
        String[] words = text.split("[/ ]", 3);
        return new OwnerReferenceBuilder()
                .withKind(words[0])
                .withName(words[1])
                .withController(words.length == 2)
                .build();
    }

    private static String ofCdi(String annotation) {
        return annotation == null ? "" : "cdi.kubevirt.io/" + annotation;
    }
}
