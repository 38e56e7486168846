package io.dvflow.activities.claim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dvflow.activities.Given;
import io.dvflow.activities.Trouble;
import io.dvflow.activities.claim.ExistingClaim.Meaning;
import io.dvflow.api.v1beta1.DataVolume;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ExistingClaimTest {

    private static final String FOREIGN = "name: fedora, namespace: vms";
    private static final String OURS = FOREIGN + ", ownerReferences: [{controller: true, uid: " + Given.UID
            + ", kind: DataVolume, name: fedora, apiVersion: cdi.kubevirt.io/v1beta1}]";
    private static final String SOMEBODYS =
            FOREIGN + ", ownerReferences: [{controller: true, uid: other, kind: X, name: x, apiVersion: v1}]";

    @Test
    void oneThatAnEarlierAttemptMadeIsOurs() {
        assertThat(judge(OURS, Map.of(), List.of())).isEqualTo(Meaning.OURS);
    }

    @Test
    void oneThatSomebodySaysIsFilledIsTakenAsItIs() {
        assertThat(judge(
                        FOREIGN + ", annotations: {cdi.kubevirt.io/storage.populatedFor: fedora}", Map.of(), List.of()))
                .isEqualTo(Meaning.POPULATED);
        assertThat(judge(FOREIGN, Map.of("cdi.kubevirt.io/storage.prePopulated", "fedora"), List.of()))
                .isEqualTo(Meaning.POPULATED);
    }

    @ParameterizedTest
    @CsvSource(
            nullValues = "-",
            value = {
                // annotation, gate, adopted
                "true, false, true",
                "-, true, true",
                "false, true, false",
                "-, false, false",
            })
    void adoptionIsForTheAnnotationThenTheGateToAllow(String annotation, boolean gate, boolean adopted) {
        Map<String, String> annotations =
                annotation == null ? Map.of() : Map.of("cdi.kubevirt.io/allowClaimAdoption", annotation);
        List<String> gates = gate ? List.of("DataVolumeClaimAdoption") : List.of();

        if (adopted) {
            assertThat(judge(FOREIGN, annotations, gates)).isEqualTo(Meaning.POPULATED);
        } else {
            assertThatThrownBy(() -> judge(FOREIGN, annotations, gates))
                    .satisfies(e -> assertThat(((Trouble) e).reason()).isEqualTo("ErrResourceExists"))
                    .hasMessageContaining("already exists and is not managed");
        }
    }

    @Test
    void aClaimThatBelongsToSomebodyElseIsNeverAdopted() {
        assertThatThrownBy(() -> judge(SOMEBODYS, Map.of("cdi.kubevirt.io/allowClaimAdoption", "true"), List.of()))
                .satisfies(e -> assertThat(((Trouble) e).reason()).isEqualTo("ErrResourceExists"));
    }

    @Test
    void aClaimMadeForThisObjectIsNeverAdoptedFromIt() {
        assertThatThrownBy(() -> judge(
                        FOREIGN + ", annotations: {cdi.kubevirt.io/createdForDataVolume: " + Given.UID + "}",
                        Map.of("cdi.kubevirt.io/allowClaimAdoption", "true"),
                        List.of()))
                .satisfies(e -> assertThat(((Trouble) e).reason()).isEqualTo("ErrResourceExists"));
    }

    @Test
    void aClaimOnItsWayOutIsWaitedFor() {
        assertThatThrownBy(() -> judge(OURS + ", deletionTimestamp: '2026-01-01T00:00:00Z'", Map.of(), List.of()))
                .satisfies(e -> assertThat(((Trouble) e).reason()).isEqualTo("ErrResourceMarkedForDeletion"));
    }

    private static Meaning judge(String metadata, Map<String, String> annotations, List<String> gates) {
        DataVolume object = Given.httpDataVolume();
        object.getMetadata().setAnnotations(annotations);
        PersistentVolumeClaim claim = Given.yaml(
                "apiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: {" + metadata + "}",
                PersistentVolumeClaim.class);
        return ExistingClaim.judge(object, claim, gates);
    }
}
