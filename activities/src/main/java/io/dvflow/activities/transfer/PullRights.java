package io.dvflow.activities.transfer;

import io.fabric8.kubernetes.api.model.LocalObjectReference;
import io.fabric8.kubernetes.api.model.Pod;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** What to look at when a registry does not let the kubelet have an image. Pure. */
final class PullRights {

    /** Registries and container runtimes have no one word for it. */
    private static final Pattern REFUSAL =
            Pattern.compile("(?i)\\b(401|403|unauthorized|forbidden|denied|authentication|authorization)\\b");

    private PullRights() {}

    /**
     * As the end of a sentence; empty if the kubelet says nothing of rights.
     *
     * @param container whose image it is
     * @param said by the kubelet
     */
    static String whereToLook(Pod pod, String container, String said) {
        if (!REFUSAL.matcher(said).find()) {
            return "";
        }
        boolean ofTheSource = ImageServer.CONTAINER.equals(container);
        String field = ofTheSource ? "the source's secretRef" : "imagePullSecrets of the CDI configuration";
        List<LocalObjectReference> secrets =
                Optional.ofNullable(pod.getSpec().getImagePullSecrets()).orElse(List.of());
        if (secrets.isEmpty()) {
            return ". The node has pulled with no login but its own: name a secret of type"
                    + " kubernetes.io/dockerconfigjson in " + field;
        }
        String names = secrets.stream()
                .map(LocalObjectReference::getName)
                .filter(Objects::nonNull)
                .map(name -> "secret " + pod.getMetadata().getNamespace() + "/" + name)
                .collect(Collectors.joining(", "));
        return ". Check that the login may pull it, and that its secret, named in " + field
                + ", is there and of type kubernetes.io/dockerconfigjson (" + names + ")";
    }
}
