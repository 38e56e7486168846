package io.dvflow.bridge.profile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dvflow.api.Annotations;
import io.dvflow.api.v1beta1.ClaimPropertySet;
import io.dvflow.api.v1beta1.StorageProfileCondition;
import io.dvflow.api.v1beta1.StorageProfileStatus;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class ProfileResolverTest {

    private static final Instant NOW = Instant.parse("2026-01-01T12:00:00.5Z");
    private static final String TABLE_SAYS_SNAPSHOT = "pd.csi.storage.gke.io";
    private static final String TABLE_SAYS_NOTHING = "cinder.csi.openstack.org";
    private static final String TABLE_SAYS_CSI = "rook-ceph.rbd.csi.ceph.com";
    private static final ClaimPropertySet RWX_FS = new ClaimPropertySet(List.of("ReadWriteMany"), "Filesystem");

    private final ProfileResolver resolver = new ProfileResolver(CapabilityTable.load());

    @Nested
    class Sets {

        @Test
        void areThoseOfTheTableUnlessTheAdministratorSaysOtherwise() {
            assertThat(status(ProfileFactsBuilder.of(TABLE_SAYS_NOTHING)).claimPropertySets())
                    .hasSize(2);
            assertThat(status(ProfileFactsBuilder.of(TABLE_SAYS_NOTHING).spec(null, List.of(RWX_FS), null, null))
                            .claimPropertySets())
                    .containsExactly(RWX_FS);
        }

        @Test
        void thatSayOnlyHalfAreRefused() {
            var half = List.of(new ClaimPropertySet(List.of("ReadWriteOnce"), null));
            var otherHalf = List.of(new ClaimPropertySet(List.of(), "Block"));

            for (var sets : List.of(half, otherHalf)) {
                var facts = ProfileFactsBuilder.of(TABLE_SAYS_NOTHING).spec(null, sets, null, null);
                assertThatThrownBy(() -> status(facts))
                        .isInstanceOf(InvalidProfileException.class)
                        .hasMessageContaining("a-class");
            }
        }

        @Test
        void ofAClassWithoutProvisionerAreThoseOfItsVolumes() {
            assertThat(status(ProfileFactsBuilder.of("kubernetes.io/no-provisioner")
                                    .volumes(List.of(RWX_FS)))
                            .claimPropertySets())
                    .containsExactly(RWX_FS);
        }

        @Test
        void makeAProfileComplete() {
            assertThat(resolve(ProfileFactsBuilder.of(TABLE_SAYS_NOTHING)).complete())
                    .isTrue();
            assertThat(resolve(ProfileFactsBuilder.of("example.org/unknown")).complete())
                    .isFalse();
            assertThat(resolve(ProfileFactsBuilder.of("stork-snapshot")).complete())
                    .isTrue();
        }
    }

    @Nested
    class SnapshotClasses {

        @Test
        void theDefaultOfTheDriverGoesBeforeTheFirstByName() {
            var facts = ProfileFactsBuilder.of(TABLE_SAYS_NOTHING)
                    .snapshots(plain("b"), standard("c"), plain("a"), other("0"));

            assertThat(status(facts).snapshotClass()).isEqualTo("c");
        }

        @Test
        void withoutADefaultTheFirstByNameIsTaken() {
            var facts = ProfileFactsBuilder.of(TABLE_SAYS_NOTHING).snapshots(plain("b"), plain("a"));

            assertThat(status(facts).snapshotClass()).isEqualTo("a");
        }

        @Test
        void theOneNamedHasToBeOfTheDriver() {
            var named = ProfileFactsBuilder.of(TABLE_SAYS_NOTHING).snapshots(plain("a"), plain("b"), other("x"));

            assertThat(status(named.spec(null, List.of(), null, "b")).snapshotClass())
                    .isEqualTo("b");
            assertThat(status(named.spec(null, List.of(), null, "x")).snapshotClass())
                    .isNull();
        }

        @Test
        void theOneNamedHasToExist() {
            var facts = ProfileFactsBuilder.of(TABLE_SAYS_NOTHING).snapshots().spec(null, List.of(), null, "lost");

            assertThatThrownBy(() -> status(facts)).hasMessageContaining("lost");
        }

        @Test
        void oneOnceShownStays() {
            var shown = new StorageProfileStatus("a-class", "p", "snapshot", List.of(), "pvc", "was-there", List.of());
            var result = status(ProfileFactsBuilder.of(TABLE_SAYS_NOTHING).status(shown));

            assertThat(result.snapshotClass()).isEqualTo("was-there");
            assertThat(result.cloneStrategy()).isEqualTo("copy");
        }

        private SnapshotClass other(String name) {
            return new SnapshotClass(name, "other.driver", true, Map.of());
        }

        private SnapshotClass plain(String name) {
            return new SnapshotClass(name, TABLE_SAYS_NOTHING, false, Map.of());
        }

        private SnapshotClass standard(String name) {
            return new SnapshotClass(name, TABLE_SAYS_NOTHING, true, Map.of());
        }
    }

    @Nested
    class CloneStrategy {

        @Test
        void followsSpecThenAnnotationThenTableThenWhatIsPossible() {
            var facts = ProfileFactsBuilder.of(TABLE_SAYS_CSI).strategyAnnotation("snapshot");
            assertThat(status(facts).cloneStrategy()).isEqualTo("snapshot");
            assertThat(status(facts.spec("copy", List.of(), null, null)).cloneStrategy())
                    .isEqualTo("copy");
            assertThat(status(ProfileFactsBuilder.of(TABLE_SAYS_CSI)).cloneStrategy())
                    .isEqualTo("csi-clone");
            assertThat(status(ProfileFactsBuilder.of(TABLE_SAYS_NOTHING)).cloneStrategy())
                    .isEqualTo("copy");
            assertThat(status(ProfileFactsBuilder.of(TABLE_SAYS_NOTHING).snapshots(of(TABLE_SAYS_NOTHING)))
                            .cloneStrategy())
                    .isEqualTo("snapshot");
        }

        @Test
        void isEmptyWhenTheAnnotationIsNonsense() {
            assertThat(status(ProfileFactsBuilder.of(TABLE_SAYS_CSI).strategyAnnotation("magic"))
                            .cloneStrategy())
                    .isNull();
        }

        @Test
        void fallsBackToCopyOnlyFromTheTable() {
            assertThat(status(ProfileFactsBuilder.of(TABLE_SAYS_SNAPSHOT)).cloneStrategy())
                    .isEqualTo("copy");
            assertThat(status(ProfileFactsBuilder.of(TABLE_SAYS_NOTHING).spec("snapshot", List.of(), null, null))
                            .cloneStrategy())
                    .isEqualTo("snapshot");
        }
    }

    @Nested
    class SourceFormat {

        @Test
        void needsASnapshotClassToBeSnapshotUnlessSetByHand() {
            assertThat(status(ProfileFactsBuilder.of(TABLE_SAYS_SNAPSHOT)).dataImportCronSourceFormat())
                    .isEqualTo("pvc");
            assertThat(status(ProfileFactsBuilder.of(TABLE_SAYS_SNAPSHOT).snapshots(of(TABLE_SAYS_SNAPSHOT)))
                            .dataImportCronSourceFormat())
                    .isEqualTo("snapshot");
            assertThat(status(ProfileFactsBuilder.of(TABLE_SAYS_NOTHING).spec(null, List.of(), "snapshot", null))
                            .dataImportCronSourceFormat())
                    .isEqualTo("snapshot");
        }
    }

    @Nested
    class Recognized {

        @Test
        void looksAtTheTableWhateverTheSpecSays() {
            var overridden = ProfileFactsBuilder.of("example.org/unknown").spec(null, List.of(RWX_FS), null, null);

            assertThat(recognized(status(overridden)).status()).isEqualTo("False");
            assertThat(recognized(status(overridden)).reason()).isEqualTo("UnrecognizedProvisioner");
            assertThat(recognized(status(ProfileFactsBuilder.of(TABLE_SAYS_CSI)))
                            .status())
                    .isEqualTo("True");
        }

        @Test
        void keepsItsTimesWhileNothingChanges() {
            var first = status(ProfileFactsBuilder.of(TABLE_SAYS_CSI));
            var later = resolver.resolve(
                            ProfileFactsBuilder.of(TABLE_SAYS_CSI).status(first).build(), NOW.plusSeconds(60))
                    .status();

            assertThat(later).isEqualTo(first);
            assertThat(recognized(first).lastTransitionTime()).isEqualTo("2026-01-01T12:00:00Z");
        }

        private StorageProfileCondition recognized(StorageProfileStatus status) {
            return status.conditions().getFirst();
        }
    }

    @Nested
    class OwnAnnotations {

        @Test
        void areSetOnceAndThenLeftAlone() {
            assertThat(annotations(ProfileFactsBuilder.of("ebs.csi.aws.com").with("type", "io1")))
                    .containsExactly(Map.entry(Annotations.MINIMUM_SUPPORTED_PVC_SIZE, Optional.of("4Gi")));
            assertThat(annotations(ProfileFactsBuilder.of("ebs.csi.aws.com")
                            .with("type", "io1")
                            .annotated(Annotations.MINIMUM_SUPPORTED_PVC_SIZE, "8Gi")))
                    .isEmpty();
            assertThat(annotations(ProfileFactsBuilder.of(TABLE_SAYS_SNAPSHOT)
                            .annotated(Annotations.USE_READ_WRITE_ONCE_FOR_DATA_IMPORT_CRON, "false")))
                    .isEmpty();
        }

        @Test
        void theSnapshotClassForRecurringImportsFollowsWhatThereIs() {
            var images = new SnapshotClass("images", TABLE_SAYS_SNAPSHOT, false, Map.of("snapshot-type", "images"));
            var plain = new SnapshotClass("a", TABLE_SAYS_SNAPSHOT, true, Map.of());
            var key = Annotations.SNAPSHOT_CLASS_FOR_DATA_IMPORT_CRON;

            assertThat(annotations(ProfileFactsBuilder.of(TABLE_SAYS_SNAPSHOT).snapshots(plain, images)))
                    .containsEntry(key, Optional.of("images"));
            assertThat(annotations(ProfileFactsBuilder.of(TABLE_SAYS_SNAPSHOT)
                            .snapshots(plain)
                            .annotated(key, "images")))
                    .containsEntry(key, Optional.empty());
            assertThat(annotations(ProfileFactsBuilder.of(TABLE_SAYS_SNAPSHOT)
                            .snapshots(images)
                            .annotated(key, "images")))
                    .doesNotContainKey(key);
        }

        private Map<String, Optional<String>> annotations(ProfileFactsBuilder facts) {
            return resolve(facts).annotations();
        }
    }

    private static SnapshotClass of(String driver) {
        return new SnapshotClass("snap", driver, false, Map.of());
    }

    private StorageProfileStatus status(ProfileFactsBuilder facts) {
        return resolve(facts).status();
    }

    private ResolvedProfile resolve(ProfileFactsBuilder facts) {
        return resolver.resolve(facts.build(), NOW);
    }
}
