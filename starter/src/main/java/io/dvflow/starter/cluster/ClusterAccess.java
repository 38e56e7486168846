package io.dvflow.starter.cluster;

import java.nio.file.Path;
import java.util.Optional;

/** What the command line says about the cluster; what it leaves out comes from the kubeconfig. */
public record ClusterAccess(
        Optional<Path> kubeconfig, Optional<String> context, Optional<String> namespace, String systemNamespace) {}
