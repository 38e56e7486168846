package io.dvflow.workflows.claim;

/**
 * Room for a source that cannot be read in place.
 *
 * @param claimName the claim, in the object's namespace
 * @param bytes how much fits into it, the file system's own needs taken off
 */
public record ScratchSpace(String claimName, long bytes) {}
