package io.dvflow.activities.claim;

import io.dvflow.api.v1beta1.CDIConfig;
import io.dvflow.api.v1beta1.NodePlacement;
import io.dvflow.api.v1beta1.StorageProfile;
import io.fabric8.kubernetes.api.model.storage.StorageClass;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What administrators have set for the whole cluster. Answers may be some seconds old. */
public interface ClusterSettings {

    List<StorageClass> storageClasses();

    Optional<StorageClass> storageClass(String name);

    Optional<StorageProfile> storageProfile(String storageClass);

    /** Whether a provisioner is a CSI driver, so that volumes can be filled out of sight. */
    boolean isCsiDriver(String provisioner);

    Optional<CDIConfig> config();

    /** Where transfer pods may run. */
    Optional<NodePlacement> workloadPlacement();

    /** The image with the VDDK library for everybody, from the installation's ConfigMap {@code v2v-vmware}. */
    Optional<String> vddkLibraryImage();

    /** What a ConfigMap of the installation holds; empty if it is not there. */
    Optional<Map<String, String>> ownConfigMap(String name);

    /** What a user's ConfigMap holds; nothing if it is not there. */
    Map<String, String> configMap(String namespace, String name);

    /** Reads everything anew from now on; for whoever found that something is missing. */
    void forget();
}
