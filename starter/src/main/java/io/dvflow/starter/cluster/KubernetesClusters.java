package io.dvflow.starter.cluster;

import io.dvflow.starter.CommandFailure;
import io.dvflow.starter.Exit;
import io.fabric8.kubernetes.api.model.NamedContext;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;

/** Opens clusters by kubeconfig. */
public final class KubernetesClusters {
    // A person waits: the client's own patience of ten ever longer pauses would look like a hang.
    private static final int RETRIES = 2;
    private static final int CONNECT_MILLIS = 5_000;

    private KubernetesClusters() {}

    public static Cluster open(ClusterAccess access) {
        access.kubeconfig().ifPresent(KubernetesClusters::requireReadable);
        access.context().ifPresent(context -> requireContext(context, config(access, null)));
        Config config = config(access, access.context().orElse(null));
        config.setRequestRetryBackoffLimit(RETRIES);
        config.setConnectionTimeout(CONNECT_MILLIS);
        config.setUserAgent("dvflow");
        String namespace = access.namespace().orElse(Objects.requireNonNullElse(config.getNamespace(), "default"));
        try {
            return new Cluster(
                    new KubernetesClientBuilder().withConfig(config).build(), namespace, access.systemNamespace());
        } catch (KubernetesClientException e) {
            throw new CommandFailure(
                    Exit.CLUSTER, "Cannot use the kubeconfig for " + config.getMasterUrl() + ": " + e.getMessage(), e);
        }
    }

    private static Config config(ClusterAccess access, String context) {
        if (access.kubeconfig().isEmpty()) {
            return Config.autoConfigure(context);
        }
        Path file = access.kubeconfig().get();
        try {
            return Config.fromKubeconfig(context, file.toFile());
        } catch (RuntimeException e) {
            // The client throws whatever its YAML parser does.
            throw new CommandFailure(
                    Exit.USAGE, "Cannot use the kubeconfig " + file + ": it is not a valid kubeconfig file.", e);
        }
    }

    private static void requireReadable(Path file) {
        if (!Files.isReadable(file)) {
            throw new CommandFailure(
                    Exit.USAGE,
                    "Cannot read the kubeconfig " + file + ": there is no such file, or no permission to read it.");
        }
    }

    /** The client takes a context that is not there for no context at all, and then goes to another cluster. */
    private static void requireContext(String wanted, Config config) {
        List<String> known = Objects.requireNonNullElse(config.getContexts(), List.<NamedContext>of()).stream()
                .map(NamedContext::getName)
                .toList();
        if (!known.contains(wanted)) {
            throw new CommandFailure(
                    Exit.USAGE,
                    "The kubeconfig has no context '" + wanted + "'; it has " + (known.isEmpty() ? "none" : known)
                            + ".");
        }
    }
}
