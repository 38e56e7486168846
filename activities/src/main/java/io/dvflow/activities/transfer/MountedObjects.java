package io.dvflow.activities.transfer;

import io.fabric8.kubernetes.api.model.ConfigMapVolumeSource;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.SecretVolumeSource;
import io.fabric8.kubernetes.api.model.Volume;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The user's own objects in a transfer pod. The program inside knows only paths, and people know only names. Pure. */
record MountedObjects(String namespace, List<String> secrets, List<String> configMaps) {

    static MountedObjects of(Pod pod) {
        List<Volume> volumes = Objects.requireNonNullElse(pod.getSpec().getVolumes(), List.<Volume>of()).stream()
                .filter(volume -> !PodProxy.isOurs(volume))
                .toList();
        return new MountedObjects(
                pod.getMetadata().getNamespace(),
                volumes.stream()
                        .map(Volume::getSecret)
                        .filter(Objects::nonNull)
                        .map(SecretVolumeSource::getSecretName)
                        .toList(),
                volumes.stream()
                        .map(Volume::getConfigMap)
                        .filter(Objects::nonNull)
                        .map(ConfigMapVolumeSource::getName)
                        .toList());
    }

    /** Where to look, as the end of a sentence; empty if there is nothing to look at. */
    String namedSecrets() {
        return inBrackets(named("secret", secrets));
    }

    String namedConfigMaps() {
        return inBrackets(named("ConfigMap", configMaps));
    }

    String named() {
        return inBrackets(Stream.concat(named("secret", secrets), named("ConfigMap", configMaps)));
    }

    private Stream<String> named(String kind, List<String> names) {
        return names.stream().map(name -> kind + " " + namespace + "/" + name);
    }

    private static String inBrackets(Stream<String> names) {
        String all = names.collect(Collectors.joining(", "));
        return all.isEmpty() ? "" : " (" + all + ")";
    }
}
