package io.dvflow.gateway.admission;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CdiDeletionTest {

    @ParameterizedTest
    @CsvSource({
        "BlockUninstallIfWorkloadsExist, true, false",
        "BlockUninstallIfWorkloadsExist, false, true",
        "RemoveWorkloads, true, true",
        "'', true, true",
    })
    void keepsTheInstallationOnlyWhileDataVolumesExistAndItSaysSo(
            String strategy, boolean dataVolumes, boolean allowed) {
        FakeCluster cluster = new FakeCluster();
        if (dataVolumes) {
            cluster.withDataVolumesOfUsers();
        }

        Verdict verdict = new CdiDeletion(cluster)
                .decide(Requests.delete("""
                        apiVersion: cdi.kubevirt.io/v1beta1
                        kind: CDI
                        metadata: {name: cdi}
                        spec: {%s}
                        """.formatted(strategy.isEmpty() ? "" : "uninstallStrategy: " + strategy)));

        if (allowed) {
            assertThat(verdict).isEqualTo(Verdict.allowed());
        } else {
            assertThat(verdict)
                    .isInstanceOfSatisfying(
                            Verdict.Denied.class,
                            denied -> assertThat(denied.message()).contains("there are still DataVolumes present"));
        }
    }
}
