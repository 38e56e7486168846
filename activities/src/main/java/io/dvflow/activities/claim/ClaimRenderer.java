package io.dvflow.activities.claim;

import static io.dvflow.activities.claim.RenderedClaim.BLOCK;
import static io.dvflow.activities.claim.RenderedClaim.FILESYSTEM;
import static io.dvflow.activities.claim.RenderedClaim.STORAGE;

import io.dvflow.activities.Trouble;
import io.dvflow.api.Annotations;
import io.dvflow.api.Reasons;
import io.dvflow.api.v1beta1.CDIConfig;
import io.dvflow.api.v1beta1.CDIConfigStatus;
import io.dvflow.api.v1beta1.ClaimPropertySet;
import io.dvflow.api.v1beta1.ContentType;
import io.dvflow.api.v1beta1.DataVolumeSpec;
import io.dvflow.api.v1beta1.FilesystemOverhead;
import io.dvflow.api.v1beta1.StorageProfile;
import io.dvflow.api.v1beta1.StorageSpec;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaimSpec;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.VolumeResourceRequirements;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.List;
import java.util.Optional;

/**
 * Makes a whole claim of what a DataVolume says about one: the {@code pvc} form as it is, the {@code storage} form
 * completed from its class's StorageProfile and made larger by the file system's overhead. Pure.
 */
public final class ClaimRenderer {

    private static final String DEFAULT_OVERHEAD = "0.06";
    /** In place of a volume mode: the profile's. */
    private static final String FROM_PROFILE = "FromStorageProfile";

    private ClaimRenderer() {}

    /**
     * @param storageClass the class's name; empty for a claim that binds without one
     * @param profile the class's profile, if it exists
     * @throws Trouble that says what is missing, and where to set it
     */
    public static RenderedClaim render(
            DataVolumeSpec spec,
            Optional<String> storageClass,
            Optional<StorageProfile> profile,
            Optional<CDIConfig> config) {
        if (ContentType.of(spec.contentType()) == ContentType.ARCHIVE) {
            requireFilesystem(spec);
        }
        return spec.storage() == null
                ? asItIs(spec.pvc(), storageClass, config)
                : completed(inFilesystemIfArchive(spec), storageClass, profile, config);
    }

    private static void requireFilesystem(DataVolumeSpec spec) {
        String asked = spec.storage() == null
                ? spec.pvc().getVolumeMode()
                : spec.storage().volumeMode();
        if (BLOCK.equals(asked)) {
            throw Trouble.needsChange(
                    Reasons.ERR_CLAIM_NOT_VALID,
                    "DataVolume with ContentType Archive cannot have block volumeMode: an archive is unpacked into a file"
                            + " system; make a new DataVolume without volumeMode, or with volumeMode Filesystem");
        }
    }

    /** Whatever the class's profile would rather have. */
    private static StorageSpec inFilesystemIfArchive(DataVolumeSpec spec) {
        StorageSpec storage = spec.storage();
        return ContentType.of(spec.contentType()) == ContentType.KUBEVIRT
                ? storage
                : new StorageSpec(
                        storage.accessModes(),
                        storage.selector(),
                        storage.resources(),
                        storage.volumeName(),
                        storage.storageClassName(),
                        FILESYSTEM,
                        storage.dataSource(),
                        storage.dataSourceRef());
    }

    private static RenderedClaim asItIs(
            PersistentVolumeClaimSpec pvc, Optional<String> storageClass, Optional<CDIConfig> config) {
        String mode = modeOrDefault(pvc.getVolumeMode());
        long requested = requestOf(pvc.getResources());
        FilesystemSpace space = spaceIn(mode, storageClass, config);
        if (pvc.getAccessModes() == null || pvc.getAccessModes().isEmpty()) {
            throw Trouble.needsChange(
                    Reasons.ERR_CLAIM_NOT_VALID, "at least 1 access mode is required: set spec.pvc.accessModes");
        }
        // What does not fit beside the file system's own data is cut by the transfer, which sees how much there is.
        return new RenderedClaim(pvc.getAccessModes().getFirst(), mode, requested, requested, space);
    }

    private static RenderedClaim completed(
            StorageSpec storage,
            Optional<String> storageClass,
            Optional<StorageProfile> profile,
            Optional<CDIConfig> config) {
        Modes modes = modes(storage, storageClass, profile);
        FilesystemSpace space = spaceIn(modes.volumeMode(), storageClass, config);
        long disk = requestOf(storage.resources());
        long claim = Math.max(modes.volumeMode().equals(BLOCK) ? disk : space.required(disk), smallestClaim(profile));
        return new RenderedClaim(
                modes.accessModes().getFirst(),
                modes.volumeMode(),
                claim,
                // A device has the very size that was asked for; a file is made in whole MiB.
                modes.volumeMode().equals(BLOCK) ? disk : FilesystemSpace.roundUpToMib(disk),
                space);
    }

    private static Modes modes(StorageSpec storage, Optional<String> storageClass, Optional<StorageProfile> profile) {
        List<String> accessModes = storage.accessModes();
        String volumeMode = FROM_PROFILE.equals(storage.volumeMode()) ? null : storage.volumeMode();
        if (!accessModes.isEmpty() && volumeMode != null) {
            return new Modes(accessModes, volumeMode);
        }
        Optional<ClaimPropertySet> match = sets(profile).stream()
                .filter(set -> accessModes.isEmpty() || set.accessModes().containsAll(accessModes))
                .filter(set -> volumeMode == null || volumeMode.equals(set.volumeMode()))
                .filter(set -> !set.accessModes().isEmpty())
                .findFirst();
        if (match.isPresent()) {
            return new Modes(
                    accessModes.isEmpty() ? match.get().accessModes() : accessModes,
                    modeOrDefault(volumeMode == null ? match.get().volumeMode() : volumeMode));
        }
        if (!accessModes.isEmpty()) {
            // As Kubernetes itself: a claim that names no mode is a file system.
            return new Modes(accessModes, FILESYSTEM);
        }
        throw noAccessMode(volumeMode, storageClass, profile);
    }

    private static Trouble noAccessMode(
            String volumeMode, Optional<String> storageClass, Optional<StorageProfile> profile) {
        String name = storageClass.orElse("");
        if (profile.isEmpty() || profile.get().getStatus() == null) {
            return Trouble.of(
                    Trouble.Kind.WAITING,
                    Reasons.ERR_CLAIM_NOT_VALID,
                    "No accessModes given, and StorageProfile " + name
                            + " is not filled in yet; set spec.storage.accessModes to do without it");
        }
        String wanted = volumeMode == null ? "" : " for volumeMode " + volumeMode;
        return Trouble.needsChange(
                Reasons.ERR_CLAIM_NOT_VALID,
                "No accessMode defined on the DataVolume" + wanted + ", and StorageProfile " + name
                        + " has none: set spec.claimPropertySets of StorageProfile " + name
                        + ", or spec.storage.accessModes and volumeMode of the DataVolume");
    }

    private static List<ClaimPropertySet> sets(Optional<StorageProfile> profile) {
        return profile.map(StorageProfile::getStatus)
                .map(status -> status.claimPropertySets())
                .orElse(List.of());
    }

    static FilesystemSpace spaceIn(String volumeMode, Optional<String> storageClass, Optional<CDIConfig> config) {
        if (volumeMode.equals(BLOCK)) {
            return FilesystemSpace.NO_OVERHEAD;
        }
        Optional<FilesystemOverhead> figures =
                config.map(CDIConfig::getStatus).map(CDIConfigStatus::filesystemOverhead);
        String figure = figures.flatMap(all -> storageClass.map(all.storageClass()::get))
                .or(() -> figures.map(FilesystemOverhead::global))
                .orElse(DEFAULT_OVERHEAD);
        try {
            return FilesystemSpace.ofOverhead(figure);
        } catch (IllegalArgumentException e) {
            throw Trouble.needsChange(
                    Reasons.ERR_CLAIM_NOT_VALID, "CDIConfig config, status.filesystemOverhead: " + e.getMessage());
        }
    }

    static long smallestClaim(Optional<StorageProfile> profile) {
        return profile.map(each -> each.getMetadata().getAnnotations())
                .map(annotations -> annotations.get(Annotations.MINIMUM_SUPPORTED_PVC_SIZE))
                .map(size -> bytes(
                        new Quantity(size),
                        "annotation " + Annotations.MINIMUM_SUPPORTED_PVC_SIZE + " of StorageProfile "
                                + profile.get().getMetadata().getName()))
                .orElse(0L);
    }

    private static long requestOf(VolumeResourceRequirements resources) {
        Quantity request = Optional.ofNullable(resources)
                .map(VolumeResourceRequirements::getRequests)
                .map(requests -> requests.get(STORAGE))
                .orElseThrow(() -> Trouble.needsChange(
                        Reasons.ERR_CLAIM_NOT_VALID,
                        "PVC size is missing: set resources.requests.storage of the DataVolume"));
        long bytes = bytes(request, "resources.requests.storage");
        if (bytes <= 0) {
            throw Trouble.needsChange(
                    Reasons.ERR_CLAIM_NOT_VALID,
                    "PVC size can't be equal or less than zero: resources.requests.storage is " + request);
        }
        return bytes;
    }

    /** Rounded up where the quantity has a fraction of a byte, as Kubernetes does. */
    static long bytes(Quantity quantity, String where) {
        try {
            BigDecimal exact = Quantity.getAmountInBytes(quantity);
            return exact.setScale(0, RoundingMode.CEILING).longValueExact();
        } catch (ArithmeticException | IllegalArgumentException e) {
            throw Trouble.needsChange(
                    Reasons.ERR_CLAIM_NOT_VALID, "Cannot read the size \"" + quantity + "\" in " + where);
        }
    }

    private static String modeOrDefault(String mode) {
        return mode == null || mode.isEmpty() || mode.equals(FROM_PROFILE) ? FILESYSTEM : mode;
    }

    private record Modes(List<String> accessModes, String volumeMode) {}
}
