package io.dvflow.e2e;

import io.dvflow.testbed.http.FaultServer;
import io.dvflow.testbed.http.Resource;
import io.dvflow.testbed.http.ResourceSpec;
import io.fabric8.kubernetes.api.model.HasMetadata;
import java.nio.file.Path;
import java.util.List;
import java.util.UUID;

/**
 * An image that a server has for one import.
 *
 * @param manifestSource YAML of the source that reads it
 * @param length bytes that have to be fetched of it
 * @param alongside what the source names: logins, certificates
 */
record Served(String manifestSource, long length, Tap tap, List<HasMetadata> alongside) {

    Served(String manifestSource, long length, Tap tap) {
        this(manifestSource, length, tap, List.of());
    }

    /** On a web server, under a name of its own. */
    static Served at(FaultServer server, Path image) {
        Resource resource = server.add("/" + UUID.randomUUID() + "-" + image.getFileName(), ResourceSpec.of(image));
        return new Served(
                "http:\n      url: " + server.url(resource.path()),
                image.toFile().length(),
                Tap.at(resource));
    }
}
