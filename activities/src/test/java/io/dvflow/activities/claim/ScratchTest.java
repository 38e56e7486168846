package io.dvflow.activities.claim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.dvflow.activities.FakeClaims;
import io.dvflow.activities.FakeObjects;
import io.dvflow.activities.FakeSettings;
import io.dvflow.activities.Given;
import io.dvflow.activities.Trouble;
import io.dvflow.activities.kubernetes.Conflict;
import io.dvflow.activities.status.Aspect;
import io.dvflow.activities.status.EventNote;
import io.dvflow.activities.status.OwnedStatus;
import io.dvflow.activities.status.StatusWriter;
import io.dvflow.api.v1beta1.CDIConfig;
import io.dvflow.workflows.claim.ScratchSpace;
import io.dvflow.workflows.import_.ImportPlan;
import io.dvflow.workflows.import_.ImportPlan.ClaimPath;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaimBuilder;
import java.time.Clock;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ScratchTest {

    private static final ImportPlan DIRECT = Given.plan(ClaimPath.DIRECT);
    private static final ImportPlan POPULATOR = Given.plan(ClaimPath.POPULATOR);
    private static final long GIB = 1L << 30;

    private final FakeObjects objects = new FakeObjects(Given.httpDataVolume());
    private final FakeClaims claims = new FakeClaims();
    private final FakeSettings settings = new FakeSettings().storageClass("fast", "Immediate");
    private final Scratch scratch =
            new Scratch(new StatusWriter(objects, objects, Clock.systemUTC()), claims, settings);

    @BeforeEach
    void target() {
        claims.put(ClaimBuilder.target(Given.httpDataVolume(), DIRECT));
    }

    @Test
    void isAFileSystemOfTheTargetsClassAsLargeAsTheTarget() {
        ScratchSpace made = prepare(DIRECT, 0);

        PersistentVolumeClaim claim = claims.find("vms", "fedora-scratch").orElseThrow();
        assertThat(made).isEqualTo(new ScratchSpace("fedora-scratch", GIB));
        assertThat(claim.getSpec().getAccessModes()).containsExactly("ReadWriteOnce");
        assertThat(claim.getSpec().getVolumeMode()).isEqualTo("Filesystem");
        assertThat(claim.getSpec().getStorageClassName()).isEqualTo("fast");
        assertThat(claim.getMetadata().getLabels())
                .containsEntry("velero.io/exclude-from-backup", "true")
                .containsEntry("dvflow.io/datavolume-uid", Given.UID);
        assertThat(claim.getMetadata().getOwnerReferences().getFirst().getName())
                .isEqualTo("fedora");
        assertThat(OwnedStatus.aspect(objects.status(), "Bound"))
                .contains(new Aspect("False", "CreatingScratchSpace", "Creating scratch space"));
        assertThat(objects.events()).contains(EventNote.normal("CreatingScratchSpace", "Creating scratch space"));
    }

    @Test
    void goesWithThePrimeClaimOnThePopulatorPath() {
        String prime = "prime-"
                + claims.find("vms", "fedora").orElseThrow().getMetadata().getUid();
        claims.put(ClaimBuilder.prime(
                Given.httpDataVolume(), POPULATOR, claims.find("vms", "fedora").orElseThrow()));

        assertThat(prepare(POPULATOR, 0).claimName()).isEqualTo(prime + "-scratch");
        assertThat(claims.find("vms", prime + "-scratch")
                        .orElseThrow()
                        .getMetadata()
                        .getOwnerReferences()
                        .getFirst()
                        .getName())
                .isEqualTo(prime);
    }

    /** Room for what was asked for, and the overhead of the scratch class on top; whole MiB. */
    @ParameterizedTest
    @CsvSource({
        "0, 1086",
        "1, 1086",
        "1073741825, 1087",
        "5368709120, 5428",
    })
    void neverHoldsLessThanWasAskedFor(long asked, long mebibytes) {
        settings.config(Given.yaml("""
                status:
                  scratchSpaceStorageClass: fast
                  filesystemOverhead: {global: "0.5", storageClass: {fast: "0.06"}}
                """, CDIConfig.class));

        ScratchSpace made = prepare(DIRECT, asked);

        assertThat(made.bytes()).isGreaterThanOrEqualTo(asked);
        assertThat(requestOf("fedora-scratch")).isEqualTo(mebibytes << 20);
    }

    @Test
    void isOfTheClassThatTheConfigurationNames() {
        settings.config(Given.yaml("""
                status:
                  scratchSpaceStorageClass: cheap
                  filesystemOverhead: {global: "0", storageClass: {cheap: "0.5"}}
                """, CDIConfig.class));

        prepare(DIRECT, 0);

        assertThat(claims.find("vms", "fedora-scratch").orElseThrow().getSpec().getStorageClassName())
                .isEqualTo("cheap");
        assertThat(requestOf("fedora-scratch")).isEqualTo(GIB * 3 / 2);
    }

    @Test
    void isKeptAsLongAsItIsLargeEnough() {
        prepare(DIRECT, 0);
        String uid = uidOf("fedora-scratch");

        assertThat(prepare(DIRECT, GIB)).isEqualTo(new ScratchSpace("fedora-scratch", GIB));
        assertThat(uidOf("fedora-scratch")).isEqualTo(uid);
    }

    @Test
    void makesWayForALargerOne() {
        prepare(DIRECT, 0);

        Conflict first = catchThrowableOfType(Conflict.class, () -> prepare(DIRECT, 2 * GIB));

        assertThat(first).hasMessageContaining("has room for " + GIB).hasMessageContaining("" + 2 * GIB);
        assertThat(prepare(DIRECT, 2 * GIB).bytes()).isGreaterThanOrEqualTo(2 * GIB);
    }

    @Test
    void waitsForOneThatIsOnItsWayOut() {
        prepare(DIRECT, 0);
        claims.put(new PersistentVolumeClaimBuilder(
                        claims.find("vms", "fedora-scratch").orElseThrow())
                .editMetadata()
                .withDeletionTimestamp("2026-01-01T00:00:00Z")
                .endMetadata()
                .build());

        assertThat(catchThrowableOfType(Conflict.class, () -> prepare(DIRECT, 0)))
                .hasMessageContaining("on its way out");
    }

    @Test
    void leavesAClaimOfSomebodyElseAlone() {
        PersistentVolumeClaim foreign = ClaimBuilder.target(Given.httpDataVolume(), DIRECT);
        foreign.getMetadata().setName("fedora-scratch");
        claims.put(foreign);

        Trouble trouble = catchThrowableOfType(Trouble.class, () -> prepare(DIRECT, 5 * GIB));

        assertThat(trouble.kind()).isEqualTo(Trouble.Kind.NEEDS_CHANGE);
        assertThat(trouble.reason()).isEqualTo("ErrResourceExists");
        assertThat(claims.names()).contains("fedora-scratch");
    }

    @Test
    void aSourceThatAsksForMoreThanAnythingHasIsNotBelieved() {
        Trouble trouble = catchThrowableOfType(Trouble.class, () -> prepare(DIRECT, Long.MAX_VALUE));

        assertThat(trouble.kind()).isEqualTo(Trouble.Kind.NEEDS_CHANGE);
        assertThat(claims.names()).containsExactly("fedora");
    }

    @Test
    void hasANameThatFitsWhateverTheClaimIsCalled() {
        String longest = "a".repeat(253);

        assertThat(ClaimNames.scratch(longest)).hasSize(253).endsWith("-scratch");
        assertThat(ClaimNames.scratch(longest)).isNotEqualTo(ClaimNames.scratch("a".repeat(252) + "b"));
    }

    private ScratchSpace prepare(ImportPlan plan, long bytes) {
        return scratch.prepare(objects.current(), plan, bytes);
    }

    private long requestOf(String claim) {
        return ClaimFacts.requestedBytes(claims.find("vms", claim).orElseThrow());
    }

    private String uidOf(String claim) {
        return claims.find("vms", claim).orElseThrow().getMetadata().getUid();
    }
}
