package io.dvflow.activities.transfer.source;

import java.util.Optional;

/**
 * An image with a disk in it that the node's container runtime is to pull.
 *
 * @param image as a pod names it
 * @param isImageStream whether the name is that of an OpenShift image stream, which OpenShift has to resolve
 * @param pullSecret a Secret that may hold a login for the registry, as pods take it
 * @param architecture of the node that is to pull it, as Go names it; empty for any
 * @param directory where image and transfer program meet
 */
public record NodePull(
        String image,
        boolean isImageStream,
        Optional<String> pullSecret,
        Optional<String> architecture,
        String directory) {

    static final String SHARED = "/shared";
}
