package io.dvflow.activities;

import io.dvflow.activities.claim.ClaimStore;
import io.dvflow.activities.kubernetes.Bell;
import io.dvflow.activities.kubernetes.Conflict;
import io.dvflow.activities.kubernetes.Following;
import io.dvflow.api.DvflowLabels;
import io.dvflow.api.v1beta1.VolumeImportSource;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.ObjectReferenceBuilder;
import io.fabric8.kubernetes.api.model.OwnerReference;
import io.fabric8.kubernetes.api.model.PersistentVolume;
import io.fabric8.kubernetes.api.model.PersistentVolumeBuilder;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaimBuilder;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

/** Claims and volumes in memory. Plays the volume controller where told to. */
public final class FakeClaims implements ClaimStore {

    private final Map<String, PersistentVolumeClaim> claims = new ConcurrentHashMap<>();
    private final Map<String, PersistentVolume> volumes = new ConcurrentHashMap<>();
    private final Map<String, VolumeImportSource> sources = new ConcurrentHashMap<>();
    private final List<Bell> bells = new CopyOnWriteArrayList<>();
    private boolean bindReserved = true;

    /** A claim that exists already. */
    public PersistentVolumeClaim put(PersistentVolumeClaim claim) {
        PersistentVolumeClaim stored = new PersistentVolumeClaimBuilder(claim)
                .editMetadata()
                .withUid(Optional.ofNullable(claim.getMetadata().getUid())
                        .orElseGet(() -> UUID.randomUUID().toString()))
                .withResourceVersion("1")
                .endMetadata()
                .build();
        claims.put(stored.getMetadata().getName(), stored);
        bells.forEach(Bell::ring);
        return stored;
    }

    /** Binds a claim to a new volume, as the controller and a provisioner would. */
    public void bind(String claimName) {
        PersistentVolumeClaim claim = claims.get(claimName);
        String volume = "pv-" + claim.getMetadata().getUid();
        volumes.put(
                volume,
                new PersistentVolumeBuilder()
                        .withNewMetadata()
                        .withName(volume)
                        .withUid(UUID.randomUUID().toString())
                        .endMetadata()
                        .withNewSpec()
                        .withClaimRef(new ObjectReferenceBuilder()
                                .withUid(claim.getMetadata().getUid())
                                .build())
                        .endSpec()
                        .build());
        setBound(claim, volume);
    }

    /** Whether a reserved volume is bound at once. */
    public void bindReserved(boolean value) {
        bindReserved = value;
    }

    private void setBound(PersistentVolumeClaim claim, String volume) {
        put(new PersistentVolumeClaimBuilder(claim)
                .editSpec()
                .withVolumeName(volume)
                .endSpec()
                .withNewStatus()
                .withPhase("Bound")
                .endStatus()
                .build());
    }

    public Map<String, String> annotations(String claimName) {
        return Optional.ofNullable(claims.get(claimName))
                .map(HasMetadata::getMetadata)
                .map(ObjectMeta::getAnnotations)
                .orElse(Map.of());
    }

    public List<String> names() {
        return claims.keySet().stream().sorted().toList();
    }

    public List<String> importSources() {
        return List.copyOf(sources.keySet());
    }

    @Override
    public Optional<PersistentVolumeClaim> find(String namespace, String name) {
        return Optional.ofNullable(claims.get(name));
    }

    @Override
    public PersistentVolumeClaim create(PersistentVolumeClaim claim) {
        if (claims.containsKey(claim.getMetadata().getName())) {
            throw new Conflict("claim exists", null);
        }
        return put(claim);
    }

    @Override
    public PersistentVolumeClaim annotate(PersistentVolumeClaim claim, Map<String, String> annotations) {
        PersistentVolumeClaim now = claims.get(claim.getMetadata().getName());
        Map<String, String> all = new HashMap<>(
                Optional.ofNullable(now.getMetadata().getAnnotations()).orElse(Map.of()));
        all.putAll(annotations);
        return put(new PersistentVolumeClaimBuilder(now)
                .editMetadata()
                .withAnnotations(all)
                .endMetadata()
                .build());
    }

    @Override
    public PersistentVolumeClaim label(PersistentVolumeClaim claim, Map<String, String> labels) {
        PersistentVolumeClaim now = claims.get(claim.getMetadata().getName());
        return put(new PersistentVolumeClaimBuilder(now)
                .editMetadata()
                .addToLabels(labels)
                .endMetadata()
                .build());
    }

    @Override
    public PersistentVolumeClaim adopt(
            PersistentVolumeClaim claim, OwnerReference owner, Map<String, String> annotations) {
        PersistentVolumeClaim annotated = annotate(claim, annotations);
        return put(new PersistentVolumeClaimBuilder(annotated)
                .editMetadata()
                .withOwnerReferences(owner)
                .endMetadata()
                .build());
    }

    @Override
    public void delete(PersistentVolumeClaim claim) {
        claims.remove(claim.getMetadata().getName());
        bells.forEach(Bell::ring);
    }

    @Override
    public List<PersistentVolumeClaim> labelled(String namespace, String dataVolumeUid) {
        return claims.values().stream()
                .filter(claim -> dataVolumeUid.equals(
                        Optional.ofNullable(claim.getMetadata().getLabels())
                                .map(labels -> labels.get(DvflowLabels.DATAVOLUME_UID))
                                .orElse(null)))
                .toList();
    }

    @Override
    public Following<PersistentVolumeClaim> follow(String namespace, String name, Bell bell) {
        bells.add(bell);
        return new FakeFollowing<>(() -> Optional.ofNullable(claims.get(name)));
    }

    @Override
    public Optional<PersistentVolume> volume(String name) {
        return Optional.ofNullable(volumes.get(name));
    }

    @Override
    public PersistentVolume reserve(
            PersistentVolume seen, PersistentVolumeClaim claim, Map<String, String> annotations) {
        PersistentVolume reserved = new PersistentVolumeBuilder(seen)
                .editMetadata()
                .withAnnotations(annotations)
                .endMetadata()
                .editSpec()
                .withClaimRef(new ObjectReferenceBuilder()
                        .withUid(claim.getMetadata().getUid())
                        .build())
                .endSpec()
                .build();
        volumes.put(reserved.getMetadata().getName(), reserved);
        if (bindReserved) {
            setBound(
                    claims.get(claim.getMetadata().getName()),
                    reserved.getMetadata().getName());
        }
        return reserved;
    }

    @Override
    public void create(VolumeImportSource source) {
        if (sources.putIfAbsent(source.getMetadata().getName(), source) != null) {
            throw new Conflict("source exists", null);
        }
    }

    @Override
    public void deleteImportSource(String namespace, String name) {
        sources.remove(name);
    }

    /** For tests that look at order. */
    public List<PersistentVolumeClaim> all() {
        return new ArrayList<>(claims.values());
    }
}
