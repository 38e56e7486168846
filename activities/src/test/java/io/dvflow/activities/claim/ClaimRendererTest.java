package io.dvflow.activities.claim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dvflow.activities.Given;
import io.dvflow.activities.Trouble;
import io.dvflow.activities.Trouble.Kind;
import io.dvflow.api.v1beta1.CDIConfig;
import io.dvflow.api.v1beta1.StorageProfile;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ClaimRendererTest {

    private static final Optional<String> FAST = Optional.of("fast");
    private static final long GIB = 1024 * 1024 * 1024;

    private static final StorageProfile PROFILE = Given.yaml("""
            apiVersion: cdi.kubevirt.io/v1beta1
            kind: StorageProfile
            metadata: {name: fast}
            status:
              claimPropertySets:
              - {accessModes: [ReadWriteMany], volumeMode: Block}
              - {accessModes: [ReadWriteOnce], volumeMode: Block}
              - {accessModes: [ReadWriteOnce], volumeMode: Filesystem}
            """, StorageProfile.class);

    private static final CDIConfig CONFIG = Given.yaml("""
            apiVersion: cdi.kubevirt.io/v1beta1
            kind: CDIConfig
            metadata: {name: config}
            status:
              filesystemOverhead: {global: "0.06", storageClass: {slow: "0.1"}}
            """, CDIConfig.class);

    @ParameterizedTest
    @CsvSource(
            nullValues = "-",
            value = {
                // asked for access mode, volume mode; rendered access mode, volume mode
                "-, -, ReadWriteMany, Block",
                "-, Filesystem, ReadWriteOnce, Filesystem",
                "-, FromStorageProfile, ReadWriteMany, Block",
                "ReadWriteOnce, -, ReadWriteOnce, Block",
                "ReadWriteOnce, Filesystem, ReadWriteOnce, Filesystem",
                // The profile has no such combination: taken as it is, like Kubernetes would.
                "ReadOnlyMany, -, ReadOnlyMany, Filesystem",
                "ReadOnlyMany, Block, ReadOnlyMany, Block",
            })
    void missingModesComeFromTheFirstSetOfTheProfileThatFits(
            String access, String volume, String renderedAccess, String renderedVolume) {
        String modes = (access == null ? "" : ", accessModes: [" + access + "]")
                + (volume == null ? "" : ", volumeMode: " + volume);

        RenderedClaim claim = ClaimRenderer.render(
                Given.spec("storage: {resources: {requests: {storage: 1Gi}}" + modes + "}"),
                FAST,
                Optional.of(PROFILE),
                Optional.of(CONFIG));

        assertThat(claim.accessMode()).isEqualTo(renderedAccess);
        assertThat(claim.volumeMode()).isEqualTo(renderedVolume);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", ", volumeMode: Filesystem", ", volumeMode: FromStorageProfile"})
    void anArchiveGetsAFileSystemAlsoWhereTheProfileWouldRatherHaveADevice(String mode) {
        RenderedClaim claim = ClaimRenderer.render(
                Given.spec("contentType: archive\nstorage: {resources: {requests: {storage: 1Gi}}" + mode + "}"),
                FAST,
                Optional.of(PROFILE),
                Optional.of(CONFIG));

        assertThat(claim.volumeMode()).isEqualTo("Filesystem");
        assertThat(claim.accessMode()).isEqualTo("ReadWriteOnce");
        assertThat(claim.claimBytes()).isGreaterThan(GIB);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "storage: {volumeMode: Block, resources: {requests: {storage: 1Gi}}}",
                "pvc: {accessModes: [ReadWriteOnce], volumeMode: Block, resources: {requests: {storage: 1Gi}}}"
            })
    void anArchiveCannotHaveADevice(String claim) {
        assertThatThrownBy(() -> ClaimRenderer.render(
                        Given.spec("contentType: archive\n" + claim), FAST, Optional.of(PROFILE), Optional.of(CONFIG)))
                .isInstanceOfSatisfying(Trouble.class, trouble -> {
                    assertThat(trouble.kind()).isEqualTo(Kind.NEEDS_CHANGE);
                    assertThat(trouble.reason()).isEqualTo("ErrClaimNotValid");
                    assertThat(trouble.getMessage())
                            .startsWith("DataVolume with ContentType Archive cannot have block volumeMode");
                });
    }

    @Test
    void theStorageFormGrowsByTheOverheadOfItsClass() {
        var spec = Given.spec("""
                storage: {accessModes: [ReadWriteOnce], volumeMode: Filesystem, resources: {requests: {storage: 1Gi}}}""");

        RenderedClaim global = ClaimRenderer.render(spec, FAST, Optional.empty(), Optional.of(CONFIG));
        RenderedClaim own = ClaimRenderer.render(spec, Optional.of("slow"), Optional.empty(), Optional.of(CONFIG));
        RenderedClaim byDefault = ClaimRenderer.render(spec, FAST, Optional.empty(), Optional.empty());

        assertThat(global.claimBytes()).isEqualTo(1138166334);
        assertThat(global.diskBytes()).isEqualTo(GIB);
        assertThat(global.space().share()).isEqualTo(0.06);
        assertThat(own.claimBytes()).isEqualTo(1181116007);
        assertThat(byDefault).isEqualTo(global);
    }

    @Test
    void aBlockClaimHasTheSizeOfItsDisk() {
        RenderedClaim claim = ClaimRenderer.render(
                Given.spec("storage: {resources: {requests: {storage: 1Gi}}}"),
                FAST,
                Optional.of(PROFILE),
                Optional.of(CONFIG));

        assertThat(claim.claimBytes()).isEqualTo(GIB);
        assertThat(claim.diskBytes()).isEqualTo(GIB);
        assertThat(claim.space().share()).isZero();
    }

    @Test
    void thePvcFormIsTakenAsItIs() {
        RenderedClaim claim = ClaimRenderer.render(
                Given.spec("pvc: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}"),
                FAST,
                Optional.of(PROFILE),
                Optional.of(CONFIG));

        assertThat(claim.volumeMode()).isEqualTo("Filesystem");
        assertThat(claim.claimBytes()).isEqualTo(GIB);
        assertThat(claim.diskBytes()).isEqualTo(GIB);
    }

    @Test
    void noClaimIsSmallerThanItsClassSupports() {
        StorageProfile profile = Given.yaml("""
                apiVersion: cdi.kubevirt.io/v1beta1
                kind: StorageProfile
                metadata: {name: fast, annotations: {cdi.kubevirt.io/minimumSupportedPvcSize: 4Gi}}
                status: {claimPropertySets: [{accessModes: [ReadWriteOnce], volumeMode: Block}]}
                """, StorageProfile.class);

        RenderedClaim claim = ClaimRenderer.render(
                Given.spec("storage: {resources: {requests: {storage: 1Gi}}}"),
                FAST,
                Optional.of(profile),
                Optional.empty());

        assertThat(claim.claimBytes()).isEqualTo(4 * GIB);
        assertThat(claim.diskBytes()).isEqualTo(GIB);
    }

    @Test
    void aProfileWithoutModesIsNamedWithWhatToSet() {
        StorageProfile empty = Given.yaml("""
                apiVersion: cdi.kubevirt.io/v1beta1
                kind: StorageProfile
                metadata: {name: fast}
                status: {}
                """, StorageProfile.class);

        assertThatThrownBy(() -> ClaimRenderer.render(
                        Given.spec("storage: {resources: {requests: {storage: 1Gi}}}"),
                        FAST,
                        Optional.of(empty),
                        Optional.empty()))
                .satisfies(e -> assertThat(((Trouble) e).kind()).isEqualTo(Kind.NEEDS_CHANGE))
                .hasMessageContaining("StorageProfile fast")
                .hasMessageContaining("claimPropertySets");
    }

    @Test
    void aProfileThatIsNotThereYetIsWaitedFor() {
        assertThatThrownBy(() -> ClaimRenderer.render(
                        Given.spec("storage: {resources: {requests: {storage: 1Gi}}}"),
                        FAST,
                        Optional.empty(),
                        Optional.empty()))
                .satisfies(e -> assertThat(((Trouble) e).kind()).isEqualTo(Kind.WAITING));
    }

    @Test
    void aMissingSizeIsToldInCdisWords() {
        assertThatThrownBy(() -> ClaimRenderer.render(
                        Given.spec("storage: {accessModes: [ReadWriteOnce], volumeMode: Block}"),
                        FAST,
                        Optional.empty(),
                        Optional.empty()))
                .hasMessageContaining("PVC size is missing");
    }
}
