package io.dvflow.activities.transfer.source;

import java.util.Optional;

/**
 * The library that reads disks of VMware: an image that copies it to a volume before the transfer begins.
 *
 * @param image that the object names; empty for the one of the installation
 * @param settings ConfigMap with the library's settings, and with the nodes that it is to run on
 */
public record VddkLibrary(Optional<String> image, Optional<String> settings) {

    /** CDI's names, which clients look for. */
    public static final String CONTAINER = "vddk-side-car";

    public static final String VOLUME = "vddk-vol-mount";
    /** Where the image copies the library to. */
    public static final String COPIED_TO = "/opt";
    /** What it copies there. */
    public static final String DIRECTORY = "vmware-vix-disklib-distrib";
}
