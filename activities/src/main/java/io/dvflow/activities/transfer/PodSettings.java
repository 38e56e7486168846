package io.dvflow.activities.transfer;

import io.dvflow.api.v1beta1.NodePlacement;
import io.fabric8.kubernetes.api.model.LocalObjectReference;
import io.fabric8.kubernetes.api.model.ResourceRequirements;
import java.util.List;
import java.util.Optional;

/**
 * What the cluster's administrators say about transfer pods.
 *
 * @param image with the transfer program
 * @param imagePullPolicy {@code Always}, {@code IfNotPresent} or {@code Never}
 * @param insecureRegistries host and optional port of registries whose certificates go unchecked
 */
public record PodSettings(
        String image,
        String imagePullPolicy,
        Optional<ResourceRequirements> resources,
        List<LocalObjectReference> imagePullSecrets,
        Optional<NodePlacement> placement,
        List<String> insecureRegistries) {}
