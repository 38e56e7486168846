package io.dvflow.bridge.operation;

import static org.assertj.core.api.Assertions.assertThat;

import io.dvflow.api.v1beta1.DataVolume;
import io.dvflow.api.v1beta1.DataVolumePhase;
import io.dvflow.workflows.Intent;
import io.dvflow.workflows.OperationRef;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SubjectTest {

    private static final OperationRef REF = new OperationRef("vms", "fedora", "uid-1");

    @Test
    void readsEverythingThatMatters() {
        var found = dataVolume("""
                apiVersion: cdi.kubevirt.io/v1beta1
                kind: DataVolume
                metadata:
                  namespace: vms
                  name: fedora
                  uid: uid-1
                  resourceVersion: "42"
                  finalizers: [dvflow.io/operation]
                  annotations:
                    dvflow.io/workflow-id: import/vms/fedora/uid-1
                    dvflow.io/paused: "true"
                    dvflow.io/retry: second
                    dvflow.io/rate-limit: 50Mi
                spec:
                  source: {http: {url: "http://example.org/disk.img"}}
                status:
                  phase: PendingPopulation
                  conditions:
                    - {type: Ready, status: "False"}
                    - {type: WorkflowEngineAvailable, status: "False", reason: NoWorkers, message: none}
                """);

        var subject = (Subject.Present) Subject.of(REF, Optional.of(found), Optional.empty());

        assertThat(subject.marked()).isTrue();
        assertThat(subject.ended()).isFalse();
        assertThat(subject.waitsForConsumer()).isTrue();
        assertThat(subject.phase()).isEqualTo(DataVolumePhase.PENDING_POPULATION);
        assertThat(subject.support()).isEqualTo(new Support.Import("http"));
        assertThat(subject.intent()).isEqualTo(new Intent(42, true, false, Optional.of("second"), Optional.of("50Mi")));
        assertThat(subject.conditions().engine()).contains(new BridgeConditions.Complaint("NoWorkers", "none"));
    }

    @Test
    void anotherObjectOfTheNameIsNotTheOneAskedFor() {
        var found = dataVolume(minimal("{http: {url: x}}").replace("uid-1", "uid-2"));

        assertThat(Subject.of(REF, Optional.of(found), Optional.empty())).isEqualTo(new Subject.Gone(REF));
        assertThat(Subject.of(REF, Optional.empty(), Optional.empty())).isEqualTo(new Subject.Gone(REF));
    }

    @Test
    void anOutcomeEndsItWhateverThePhase() {
        var found = dataVolume(minimal("{http: {url: x}}"));
        found.getMetadata().getAnnotations().put("dvflow.io/outcome", "cancelled");

        assertThat(((Subject.Present) Subject.of(REF, Optional.of(found), Optional.empty())).ended())
                .isTrue();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{http: {url: x}}              | http",
                "{s3: {url: x}}                | s3",
                "{gcs: {url: x}}               | gcs",
                "{registry: {url: x}}          | registry",
                "{blank: {}}                   | blank",
            })
    void carriesOut(String source, String kind) {
        assertThat(support(source, "")).isEqualTo(new Support.Import(kind));
        assertThat(support(source, "contentType: kubevirt")).isEqualTo(new Support.Import(kind));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{pvc: {namespace: a, name: b}}| Source pvc is not supported yet",
                "{upload: {}}                  | Source upload is not supported yet",
                "{}                            | filled outside of dvflow",
                "{blank: {}, upload: {}}       | more than one source",
            })
    void saysWhyItDoesNotCarryOut(String source, String why) {
        assertThat(((Support.None) support(source, "")).message()).contains(why);
    }

    @ParameterizedTest
    @ValueSource(strings = {"http", "s3", "gcs"})
    void carriesOutArchivesFromWhereFilesAre(String kind) {
        assertThat(support("{" + kind + ": {url: x}}", "contentType: archive")).isEqualTo(new Support.Import(kind));
    }

    @ParameterizedTest
    @ValueSource(strings = {"imageio", "vddk", "registry", "blank"})
    void thereIsNoArchiveInADisk(String kind) {
        assertThat(((Support.None) support("{" + kind + ": {}}", "contentType: archive")).message())
                .isEqualTo("ContentType must be kubevirt when Source is " + kind
                        + ": an archive comes from http, s3 and gcs");
    }

    @Test
    void referencesAreNotSupportedYet() {
        assertThat(((Support.None) support("null", "sourceRef: {kind: DataSource, name: x}")).message())
                .contains("sourceRef");
    }

    @Test
    void aClaimShowsItsConsumer() {
        assertThat(Consumer.of(claim("{}", "Pending"))).isEmpty();
        assertThat(Consumer.of(claim("{volume.kubernetes.io/selected-node: n1}", "Pending")))
                .contains(new Consumer("claim-1-on-n1"));
        assertThat(Consumer.of(claim("{}", "Bound"))).contains(new Consumer("claim-1-bound"));
    }

    @Test
    void aClaimOfAnotherObjectSaysNothing() {
        var claim = claim("{}", "Bound");
        assertThat(OwnedClaims.ownerOf(claim)).contains(REF);
        claim.getMetadata().getOwnerReferences().getFirst().setController(false);
        assertThat(OwnedClaims.ownerOf(claim)).isEmpty();
    }

    private static Support support(String source, String more) {
        var found = dataVolume(minimal(source) + "\n  " + more);
        return ((Subject.Present) Subject.of(REF, Optional.of(found), Optional.empty())).support();
    }

    private static String minimal(String source) {
        return """
                apiVersion: cdi.kubevirt.io/v1beta1
                kind: DataVolume
                metadata: {namespace: vms, name: fedora, uid: uid-1, resourceVersion: "1", annotations: {}}
                spec:
                  source: %s""".formatted(source);
    }

    private static DataVolume dataVolume(String yaml) {
        return Serialization.unmarshal(yaml, DataVolume.class);
    }

    private static PersistentVolumeClaim claim(String annotations, String phase) {
        return Serialization.unmarshal("""
                apiVersion: v1
                kind: PersistentVolumeClaim
                metadata:
                  namespace: vms
                  name: fedora
                  uid: claim-1
                  annotations: %s
                  ownerReferences:
                    - apiVersion: cdi.kubevirt.io/v1beta1
                      kind: DataVolume
                      name: fedora
                      uid: uid-1
                      controller: true
                status: {phase: %s}
                """.formatted(annotations, phase), PersistentVolumeClaim.class);
    }
}
