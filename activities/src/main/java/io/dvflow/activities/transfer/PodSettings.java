package io.dvflow.activities.transfer;

import io.dvflow.api.v1beta1.NodePlacement;
import io.fabric8.kubernetes.api.model.LocalObjectReference;
import io.fabric8.kubernetes.api.model.ResourceRequirements;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What the cluster's administrators say about transfer pods.
 *
 * @param image with the transfer program
 * @param imagePullPolicy {@code Always}, {@code IfNotPresent} or {@code Never}
 * @param insecureRegistries host and optional port of registries whose certificates go unchecked
 * @param proxies that sources are asked through
 * @param vddk for disks of VMware
 */
public record PodSettings(
        String image,
        String imagePullPolicy,
        Optional<ResourceRequirements> resources,
        List<LocalObjectReference> imagePullSecrets,
        Optional<NodePlacement> placement,
        List<String> insecureRegistries,
        Optional<ImportProxies> proxies,
        Vddk vddk) {

    /**
     * What reading disks of VMware takes.
     *
     * @param transferImage the transfer program with nbdkit beside it
     * @param libraryImage image with the VDDK library for objects that name none
     * @param configMaps with settings of the library, which users have in their own namespaces
     */
    public record Vddk(String transferImage, Optional<String> libraryImage, ConfigMaps configMaps) {}

    /** ConfigMaps that objects name. */
    public interface ConfigMaps {

        /** Nobody has made any. */
        ConfigMaps NONE = (namespace, name) -> Map.of();

        /** What one holds; nothing if it is not there. */
        Map<String, String> read(String namespace, String name);
    }

    /** Without proxies. */
    public PodSettings(
            String image,
            String imagePullPolicy,
            Optional<ResourceRequirements> resources,
            List<LocalObjectReference> imagePullSecrets,
            Optional<NodePlacement> placement,
            List<String> insecureRegistries,
            Vddk vddk) {
        this(
                image,
                imagePullPolicy,
                resources,
                imagePullSecrets,
                placement,
                insecureRegistries,
                Optional.empty(),
                vddk);
    }

    /** Without proxies, and without VMware: its disks are read by the ordinary image, and need to name their library. */
    public PodSettings(
            String image,
            String imagePullPolicy,
            Optional<ResourceRequirements> resources,
            List<LocalObjectReference> imagePullSecrets,
            Optional<NodePlacement> placement,
            List<String> insecureRegistries) {
        this(
                image,
                imagePullPolicy,
                resources,
                imagePullSecrets,
                placement,
                insecureRegistries,
                new Vddk(image, Optional.empty(), ConfigMaps.NONE));
    }

    /** The same, asking sources through these. */
    PodSettings with(ImportProxies others) {
        return new PodSettings(
                image,
                imagePullPolicy,
                resources,
                imagePullSecrets,
                placement,
                insecureRegistries,
                Optional.of(others),
                vddk);
    }
}
