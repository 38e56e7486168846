package io.dvflow.gateway.admission;

import static org.assertj.core.api.Assertions.assertThat;

import io.dvflow.gateway.admission.DataSourceState.CloneSource;
import io.dvflow.gateway.admission.DataSourceState.CloneSource.Kind;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class SourceRefTest {
    private static final String REFUSAL = "User alice has insufficient permissions in clone source namespace golden";

    private final FakeCluster cluster = new FakeCluster();

    @Test
    void saysThatTheKindIsNotServed() {
        assertThat(messageOf(create(""))).contains("DataSource default/fedora not found", "does not serve the kind");
    }

    @Test
    void saysThatTheDataSourceIsMissing() {
        cluster.withDataSource(new DataSourceState.NotFound());

        assertThat(messageOf(create(""))).isEqualTo("SourceRef DataSource default/fedora not found");
        assertThat(messageOf(create(", namespace: images"))).isEqualTo("SourceRef DataSource images/fedora not found");
    }

    @Test
    void saysThatTheDataSourceHasNoSource() {
        cluster.withDataSource(new DataSourceState.Found(Optional.empty()));

        assertThat(messageOf(create(""))).contains("Empty source field in DataSource default/fedora");
    }

    @Test
    void sourceInTheSameNamespaceNeedsNoMoreRights() {
        resolvesTo(Kind.CLAIM, "default");

        assertThat(create("")).isEqualTo(Verdict.allowed());
    }

    @Test
    void sourceInAnotherNamespaceNeedsRightsThere() {
        resolvesTo(Kind.CLAIM, "golden");
        assertThat(create("")).isEqualTo(Verdict.forbidden(REFUSAL));

        cluster.withRight("alice: create datavolumes/source golden/disk");
        assertThat(create("")).isEqualTo(Verdict.allowed());
    }

    @Test
    void podsAreEnoughForAClaimButASnapshotNeedsClaimsToo() {
        cluster.withRight("alice: create pods golden/disk");
        resolvesTo(Kind.CLAIM, "golden");
        assertThat(create("")).isEqualTo(Verdict.allowed());

        resolvesTo(Kind.SNAPSHOT, "golden");
        assertThat(create("")).isEqualTo(Verdict.forbidden(REFUSAL));

        cluster.withRight("alice: create persistentvolumeclaims golden/disk");
        assertThat(create("")).isEqualTo(Verdict.allowed());
    }

    private void resolvesTo(Kind kind, String namespace) {
        cluster.withDataSource(new DataSourceState.Found(Optional.of(new CloneSource(kind, namespace, "disk"))));
    }

    private Verdict create(String more) {
        return new DataVolumeCreation(cluster).decide(Requests.create("alice", """
                        apiVersion: cdi.kubevirt.io/v1beta1
                        kind: DataVolume
                        metadata: {name: disk, namespace: default}
                        spec: {sourceRef: {kind: DataSource, name: fedora%s}}
                        """.formatted(more)));
    }

    private static String messageOf(Verdict verdict) {
        assertThat(verdict).isInstanceOf(Verdict.Denied.class);
        return ((Verdict.Denied) verdict).message();
    }
}
