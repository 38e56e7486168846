package io.dvflow.activities.kubernetes;

import io.fabric8.kubernetes.api.model.DeleteOptions;
import io.fabric8.kubernetes.api.model.DeleteOptionsBuilder;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.net.HttpURLConnection;
import java.time.Duration;
import java.util.Optional;

/**
 * Deletes the very object that was seen: the UID is a precondition, so that one made anew under the same name survives.
 * The client's own delete knows only resource versions, and those change while a pod ends.
 */
public final class Deletion {

    private Deletion() {}

    /**
     * @param plural the resource in the API's path, of the core group
     * @param grace what a pod gets to end by itself; empty for its own setting
     */
    public static void of(KubernetesClient client, String plural, HasMetadata seen, Optional<Duration> grace) {
        String namespace = seen.getMetadata().getNamespace();
        String name = seen.getMetadata().getName();
        DeleteOptions options = new DeleteOptionsBuilder()
                .withApiVersion("v1")
                .withKind("DeleteOptions")
                .withPropagationPolicy("Background")
                .withGracePeriodSeconds(grace.map(Duration::toSeconds).orElse(null))
                .withNewPreconditions()
                .withUid(seen.getMetadata().getUid())
                .endPreconditions()
                .build();
        String path = "/api/v1/namespaces/" + namespace + "/" + plural + "/" + name;
        try {
            client.raw(path, "DELETE", options);
        } catch (KubernetesClientException e) {
            // Gone, or another one by now: both mean that the one that was seen is no more.
            if (e.getCode() != HttpURLConnection.HTTP_NOT_FOUND && e.getCode() != HttpURLConnection.HTTP_CONFLICT) {
                throw KubernetesCalls.troubleOf("deleting " + seen.getKind() + " " + namespace + "/" + name, e);
            }
        }
    }
}
