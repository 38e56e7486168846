package io.dvflow.activities.transfer;

import static org.assertj.core.api.Assertions.assertThat;

import io.dvflow.activities.Given;
import io.dvflow.transfer.ErrorClass;
import io.fabric8.kubernetes.api.model.Pod;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class PodReaderTest {

    @Test
    void noPodIsAbsent() {
        assertThat(PodReader.stateOf(Optional.empty())).isInstanceOf(PodState.Absent.class);
    }

    @Test
    void aPodThatNoNodeTakesSaysWhy() {
        PodState state = read("""
                phase: Pending
                conditions:
                - {type: PodScheduled, status: "False", reason: Unschedulable, message: 0/1 nodes are available}
                """);

        assertThat(state).isInstanceOfSatisfying(PodState.Pending.class, pending -> {
            assertThat(pending.reason()).isEqualTo("Unschedulable");
            assertThat(pending.message()).isEqualTo("Importer pod cannot be scheduled: 0/1 nodes are available");
        });
    }

    @Test
    void theKubeletsReasonStandsForItself() {
        PodState state = read("""
                phase: Pending
                containerStatuses:
                - {name: importer, image: transfer, state: {waiting: {reason: CreateContainerConfigError, message: secret "x" not found}}}
                """);

        assertThat(state).isInstanceOfSatisfying(PodState.Pending.class, pending -> {
            assertThat(pending.reason()).isEqualTo("CreateContainerConfigError");
            assertThat(pending.message()).isEqualTo("secret \"x\" not found");
        });
    }

    @Test
    void anImageThatTheNodeCannotPullIsSaidInCdisWords() {
        PodState state = read("""
                phase: Pending
                initContainerStatuses:
                - {name: copy-server, image: transfer, state: {terminated: {exitCode: 0}}}
                - name: server
                  image: quay.io/disks/none:1
                  state: {waiting: {reason: ImagePullBackOff, message: Back-off pulling image}}
                containerStatuses:
                - {name: importer, image: transfer, state: {waiting: {reason: PodInitializing}}}
                """);

        assertThat(state).isInstanceOfSatisfying(PodState.Pending.class, pending -> {
            assertThat(pending.reason()).isEqualTo("ImagePullFailed");
            assertThat(pending.message())
                    .isEqualTo("failed to pull image: quay.io/disks/none:1 (Back-off pulling image)");
        });
    }

    @Test
    void anImageOfOursThatTheNodeMayNotPullNamesWhereItsLoginBelongs() {
        PodState state = read("""
                phase: Pending
                containerStatuses:
                - name: importer
                  image: quay.io/dvflow/transfer:1
                  state: {waiting: {reason: ErrImagePull, message: "unauthorized: authentication required"}}
                """);

        assertThat(state)
                .isInstanceOfSatisfying(
                        PodState.Pending.class,
                        pending -> assertThat(pending.message())
                                .contains("unauthorized")
                                .contains("imagePullSecrets of the CDI configuration"));
    }

    @Test
    void aPodWhoseSidecarsHaveNotHadTheirTurnIsPending() {
        PodState state = read("""
                phase: Pending
                initContainerStatuses:
                - {name: server, image: disks, state: {waiting: {reason: PodInitializing}}}
                containerStatuses:
                - {name: importer, image: transfer, state: {waiting: {reason: PodInitializing}}}
                """);

        assertThat(state)
                .isInstanceOfSatisfying(
                        PodState.Pending.class,
                        pending -> assertThat(pending.reason()).isEqualTo("PodInitializing"));
    }

    @Test
    void theTransferProgramsEndIsTheEndWhateverTheSidecarDoes() {
        PodState state = read("""
                phase: Running
                initContainerStatuses: [{name: server, state: {running: {}}}]
                containerStatuses:
                - name: importer
                  state:
                    terminated:
                      exitCode: 1
                      message: '{"outcome":"failed","errorClass":"NEEDS_CHANGE","reason":"NOT_FOUND","message":"Unable to process data: failed to pull image: docker://a/b:c: 404","timeline":[]}'
                """);

        assertThat(state)
                .isInstanceOfSatisfying(
                        PodState.Failed.class,
                        failed -> assertThat(failed.failure().conditionReason()).isEqualTo("ImagePullFailed"));
    }

    @Test
    void aPodToldToEndWritesUntilItsEndIsKnown() {
        assertThat(read("""
                phase: Running
                containerStatuses: [{name: importer, state: {running: {}}}]
                """, "deletionTimestamp: 2026-01-01T00:00:00Z")).isInstanceOf(PodState.Leaving.class);
        assertThat(read("""
                phase: Running
                containerStatuses: [{name: importer, state: {terminated: {exitCode: 137, reason: Error}}}]
                """, "deletionTimestamp: 2026-01-01T00:00:00Z")).isInstanceOf(PodState.Failed.class);
    }

    @Test
    void aPodThatHasSaidCompleteIsComplete() {
        PodState state = read("""
                phase: Succeeded
                containerStatuses:
                - name: importer
                  state:
                    terminated:
                      exitCode: 0
                      message: '{"outcome":"complete","message":"Import Complete","format":"raw","diskBytes":5,"fetchedBytes":5,"writtenBytes":5,"preallocationApplied":false,"timeline":[]}'
                """);

        assertThat(state)
                .isInstanceOfSatisfying(
                        PodState.Complete.class,
                        complete -> assertThat(complete.outcome().message()).isEqualTo("Import Complete"));
    }

    @Test
    void theLogsTailIsTheMessageOfOneThatDiedWithoutAWord() {
        PodState state = read("""
                phase: Failed
                containerStatuses:
                - name: importer
                  state:
                    terminated:
                      exitCode: 134
                      reason: Error
                      message: |
                        {"type":"progress","phase":"COPY"}
                        # A fatal error has been detected by the Java Runtime Environment
                """);

        assertThat(state).isInstanceOfSatisfying(PodState.Failed.class, failed -> {
            assertThat(failed.failure().errorClass()).isEqualTo(ErrorClass.TRANSIENT);
            assertThat(failed.failure().message()).contains("exit code 134").contains("fatal error");
        });
    }

    @Test
    void anEvictedPodIsTransientAndNamesTheReason() {
        PodState state = read("""
                phase: Failed
                reason: Evicted
                message: The node was low on resource ephemeral-storage
                """);

        assertThat(state).isInstanceOfSatisfying(PodState.Failed.class, failed -> {
            assertThat(failed.failure().errorClass()).isEqualTo(ErrorClass.TRANSIENT);
            assertThat(failed.failure().message()).contains("Evicted").contains("low on resource");
        });
    }

    @Test
    void tooSmallIsSaidInCdisWords() {
        PodState state = read("""
                phase: Failed
                containerStatuses:
                - name: importer
                  state:
                    terminated:
                      exitCode: 1
                      message: '{"outcome":"failed","errorClass":"NEEDS_CHANGE","reason":"TOO_SMALL","message":"Virtual image size 9 is larger than the reported available storage 5","timeline":[]}'
                """);

        assertThat(state)
                .isInstanceOfSatisfying(
                        PodState.Failed.class,
                        failed -> assertThat(failed.failure().message())
                                .startsWith("DataVolume too small to contain image"));
    }

    private static PodState read(String status) {
        return read(status, "name: importer-fedora");
    }

    private static PodState read(String status, String metadata) {
        Pod pod = Given.yaml(
                "apiVersion: v1\nkind: Pod\nmetadata:\n  namespace: vms\n  " + metadata
                        + "\nspec: {containers: [{name: importer}]}\nstatus:\n" + status.indent(2),
                Pod.class);
        return PodReader.stateOf(Optional.of(pod));
    }
}
