package io.dvflow.dataplane;

import io.dvflow.testbed.http.FaultServer;
import io.dvflow.testbed.http.Resource;
import io.dvflow.testbed.http.ResourceSpec;
import io.dvflow.testbed.http.ServerOptions;
import io.dvflow.transfer.TransferSource;
import java.util.Optional;

/** A registry as a client sees it, on a server that can be told to do wrong: plain http, without a login. */
final class FaultRegistry implements AutoCloseable {

    static final String REPOSITORY = "disks/linux";

    final FaultServer server;

    FaultRegistry() {
        this(ServerOptions.defaults());
    }

    FaultRegistry(ServerOptions options) {
        server = FaultServer.start(options);
        server.add("/v2/", ResourceSpec.of(new byte[] {'{', '}'}));
    }

    /** Makes the image pullable under a tag, and under its digest. */
    FaultRegistry push(ContainerImage image, String tag) {
        byte[] manifest = image.manifest();
        push(image);
        return manifest(tag, manifest, ContainerImage.OCI_MANIFEST);
    }

    /** The blobs alone. */
    void push(ContainerImage image) {
        image.blobs.forEach((digest, content) -> blob(digest, content));
    }

    FaultRegistry manifest(String tag, byte[] manifest, String mediaType) {
        for (String name : new String[] {tag, ContainerImage.digest(manifest)}) {
            server.add(
                    "/v2/" + REPOSITORY + "/manifests/" + name,
                    ResourceSpec.of(manifest).contentType(mediaType));
        }
        return this;
    }

    /** What is served for a digest, whether or not it is its content. */
    Resource blob(String digest, byte[] content) {
        return server.add(blobPath(digest), ResourceSpec.of(content).etag("\"" + digest + "\""));
    }

    Resource manifest(String name) {
        return server.resource("/v2/" + REPOSITORY + "/manifests/" + name).orElseThrow();
    }

    Resource blob(String digest) {
        return server.resource(blobPath(digest)).orElseThrow();
    }

    static String blobPath(String digest) {
        return "/v2/" + REPOSITORY + "/blobs/" + digest;
    }

    String url(String tagOrDigest) {
        String separator = tagOrDigest.startsWith("sha256:") ? "@" : ":";
        return "docker://127.0.0.1:" + server.port() + "/" + REPOSITORY + separator + tagOrDigest;
    }

    TransferSource.Registry source(String tagOrDigest) {
        return new TransferSource.Registry(
                url(tagOrDigest), Optional.empty(), Optional.empty(), Optional.of("amd64"), true, Optional.empty());
    }

    @Override
    public void close() {
        server.close();
    }
}
