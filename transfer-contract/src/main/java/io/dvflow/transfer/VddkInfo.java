package io.dvflow.transfer;

/**
 * What read a disk of VMware.
 *
 * @param version of the VDDK library, as in {@code 8.0.2}
 * @param host the ESXi host that the library read from
 */
public record VddkInfo(String version, String host) {}
