package io.dvflow.dataplane.source.registry;

import io.dvflow.dataplane.report.Shown;
import io.dvflow.dataplane.report.TransferFailure;
import io.dvflow.transfer.FailureReason;
import io.dvflow.transfer.TransferJson;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;

/** From what an image is named by to the manifest for one platform. */
final class ImageIndex {

    private static final String OCI_INDEX = "application/vnd.oci.image.index.v1+json";
    private static final String OCI_MANIFEST = "application/vnd.oci.image.manifest.v1+json";
    private static final String DOCKER_LIST = "application/vnd.docker.distribution.manifest.list.v2+json";
    private static final String DOCKER_MANIFEST = "application/vnd.docker.distribution.manifest.v2+json";

    /** What is asked for. Docker's first schema signs itself instead of being named by a digest. */
    static final List<String> ACCEPTED = List.of(OCI_INDEX, DOCKER_LIST, OCI_MANIFEST, DOCKER_MANIFEST);

    /** A virtual machine's disk is for no operating system, but images of disks are built as images for Linux. */
    private static final String OS = "linux";

    private ImageIndex() {}

    /** Either kind of document: an index has manifests, a manifest has a configuration and layers. */
    private record Document(
            int schemaVersion,
            String mediaType,
            List<Descriptor> manifests,
            Descriptor config,
            List<Descriptor> layers) {}

    /**
     * @param architecture the one that was asked for; empty means the node's own
     * @throws TransferFailure if there is none for it
     */
    static Manifest resolve(ImageStore store, Optional<String> architecture) {
        Document named = read(store, store.namedManifest());
        if (named.manifests() == null) {
            return manifest(store, named);
        }
        if (named.manifests().contains(null)) {
            throw new TransferFailure(
                    FailureReason.CORRUPT_IMAGE, failed(store) + "its index has an entry without anything in it");
        }
        Descriptor chosen = choose(store, named.manifests(), architecture.orElseGet(ImageIndex::ownArchitecture));
        Document inner = read(store, store.manifest(chosen));
        if (inner.manifests() != null) {
            throw new TransferFailure(
                    FailureReason.UNSUPPORTED_FORMAT,
                    failed(store) + "its index names another index for " + chosen.platform()
                            + "; an index of manifests is expected");
        }
        return manifest(store, inner);
    }

    private static Descriptor choose(ImageStore store, List<Descriptor> manifests, String architecture) {
        return manifests.stream()
                .filter(one -> one.platform() != null)
                .filter(one -> OS.equals(one.platform().os())
                        && architecture.equals(one.platform().architecture()))
                .findFirst()
                .orElseThrow(() -> new TransferFailure(
                        FailureReason.NOT_FOUND,
                        failed(store) + "expected an image for " + OS + "/" + architecture + ", found "
                                + Shown.text(manifests.stream()
                                        .map(Descriptor::platform)
                                        .map(String::valueOf)
                                        .toList()
                                        .toString())
                                + ". Set platform.architecture of the source to one of these, or push one for "
                                + architecture));
    }

    /** As Go names it. */
    static String ownArchitecture() {
        String name = System.getProperty("os.arch");
        return switch (name) {
            case "x86_64" -> "amd64";
            case "aarch64" -> "arm64";
            default -> name;
        };
    }

    private static Document read(ImageStore store, byte[] json) {
        Document document;
        try {
            document = TransferJson.read(new String(json, StandardCharsets.UTF_8), Document.class);
        } catch (IllegalArgumentException e) {
            throw new TransferFailure(
                    FailureReason.CORRUPT_IMAGE,
                    failed(store) + "expected the JSON of an image manifest, found '"
                            + Shown.text(new String(json, StandardCharsets.UTF_8)) + "'",
                    e);
        }
        if (document.schemaVersion() != 2) {
            throw new TransferFailure(
                    FailureReason.UNSUPPORTED_FORMAT,
                    failed(store) + "expected a manifest of schema version 2, found version " + document.schemaVersion()
                            + ". Push the image again with a tool of this decade");
        }
        return document;
    }

    private static Manifest manifest(ImageStore store, Document document) {
        if (document.config() == null
                || document.layers() == null
                || document.layers().contains(null)) {
            throw new TransferFailure(
                    FailureReason.CORRUPT_IMAGE,
                    failed(store) + "expected a manifest with a configuration and layers, found neither an image nor an"
                            + " index of images");
        }
        return new Manifest(document.config(), document.layers());
    }

    private static String failed(ImageStore store) {
        return "Unable to process data: failed to pull image: " + store + ": ";
    }
}
