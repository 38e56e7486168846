package io.dvflow.starter.cluster;

/** Makes the connection that a command line asks for. */
@FunctionalInterface
public interface ClusterOpener {
    Cluster open(ClusterAccess access);
}
