package io.dvflow.activities.claim;

import io.dvflow.activities.kubernetes.Bell;
import io.dvflow.activities.kubernetes.Following;
import io.dvflow.api.v1beta1.VolumeImportSource;
import io.fabric8.kubernetes.api.model.OwnerReference;
import io.fabric8.kubernetes.api.model.PersistentVolume;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The only door to claims, their volumes and their sources. Creating what exists and changing what has changed throws
 * {@link io.dvflow.activities.kubernetes.Conflict}; deleting what is gone, or has another UID, does nothing.
 */
public interface ClaimStore {

    Optional<PersistentVolumeClaim> find(String namespace, String name);

    PersistentVolumeClaim create(PersistentVolumeClaim claim);

    /** Adds annotations to the claim with that UID; a null value removes one. */
    PersistentVolumeClaim annotate(PersistentVolumeClaim claim, Map<String, String> annotations);

    /** Adds labels to the claim with that UID. */
    PersistentVolumeClaim label(PersistentVolumeClaim claim, Map<String, String> labels);

    /** Adds annotations and makes the owner the claim's controller. */
    PersistentVolumeClaim adopt(PersistentVolumeClaim claim, OwnerReference owner, Map<String, String> annotations);

    void delete(PersistentVolumeClaim claim);

    /** Claims with the label of a DataVolume. */
    List<PersistentVolumeClaim> labelled(String namespace, String dataVolumeUid);

    Following<PersistentVolumeClaim> follow(String namespace, String name, Bell bell);

    Optional<PersistentVolume> volume(String name);

    /** Reserves the volume, as it was seen, for a claim, and notes whose data are in it. */
    PersistentVolume reserve(PersistentVolume seen, PersistentVolumeClaim claim, Map<String, String> annotations);

    void create(VolumeImportSource source);

    void deleteImportSource(String namespace, String name);
}
