package io.dvflow.bridge.profile;

import io.dvflow.api.Annotations;
import io.dvflow.api.v1beta1.ClaimPropertySet;
import io.dvflow.api.v1beta1.StorageProfile;
import io.fabric8.kubernetes.api.model.PersistentVolume;
import io.fabric8.kubernetes.api.model.storage.StorageClass;
import io.fabric8.kubernetes.client.informers.cache.Store;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** Storage of the cluster as the watches last told. */
final class StorageView {

    private static final String FILESYSTEM = "Filesystem";

    private final Store<StorageClass> classes;
    private final Store<StorageProfile> profiles;
    private final SnapshotClassWatch snapshotClasses;
    private final VolumeWatch volumes;

    StorageView(
            Store<StorageClass> classes,
            Store<StorageProfile> profiles,
            SnapshotClassWatch snapshotClasses,
            VolumeWatch volumes) {
        this.classes = classes;
        this.profiles = profiles;
        this.snapshotClasses = snapshotClasses;
        this.volumes = volumes;
    }

    Optional<StorageClass> storageClass(String name) {
        return Optional.ofNullable(classes.getByKey(name));
    }

    Optional<StorageProfile> profile(String name) {
        return Optional.ofNullable(profiles.getByKey(name));
    }

    ProfileFacts facts(StorageClass storageClass, StorageProfile profile) {
        String name = storageClass.getMetadata().getName();
        return new ProfileFacts(
                name,
                storageClass.getProvisioner(),
                orEmpty(storageClass.getParameters()),
                Optional.ofNullable(
                        orEmpty(storageClass.getMetadata().getAnnotations()).get(Annotations.CLONE_STRATEGY)),
                profile.getSpec() == null ? ProfileFacts.NOTHING_OVERRIDDEN : profile.getSpec(),
                Optional.ofNullable(profile.getStatus()),
                orEmpty(profile.getMetadata().getAnnotations()),
                snapshotClasses.list(),
                VolumeWatch.NO_PROVISIONER.equals(storageClass.getProvisioner()) ? setsOfVolumes(name) : List.of());
    }

    private List<ClaimPropertySet> setsOfVolumes(String storageClass) {
        return volumes.ofClass(storageClass).stream()
                .flatMap(StorageView::setsOf)
                .distinct()
                .sorted(Comparator.comparing(ClaimPropertySet::toString))
                .toList();
    }

    private static Stream<ClaimPropertySet> setsOf(PersistentVolume volume) {
        String mode = Optional.ofNullable(volume.getSpec().getVolumeMode()).orElse(FILESYSTEM);
        return volume.getSpec().getAccessModes().stream().map(access -> new ClaimPropertySet(List.of(access), mode));
    }

    private static Map<String, String> orEmpty(Map<String, String> map) {
        return map == null ? Map.of() : map;
    }
}
