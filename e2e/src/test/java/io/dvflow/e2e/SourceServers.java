package io.dvflow.e2e;

import io.dvflow.testbed.http.FaultServer;
import io.dvflow.testbed.http.Resource;
import io.dvflow.testbed.http.ServerOptions;
import io.dvflow.testbed.objects.GcsServer;
import io.dvflow.testbed.objects.Relay;
import io.dvflow.testbed.objects.S3Server;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** One server for each kind of source, started when it is first asked for. All of them have the same disk. */
final class SourceServers implements AutoCloseable {

    private static final String BUCKET = "images";

    private final String host = TestCluster.get().hostAddress();
    private final Path directory;
    private final SourceImages images;
    private final long diskBytes;
    private final long seed;
    private final FaultServer web = FaultServer.start(ServerOptions.defaults().bind(host, 0));
    private final List<Runnable> closers = new ArrayList<>(List.of(web::close));
    private final Map<Path, Resource> layers = new HashMap<>();
    private S3Server s3;
    private GcsServer gcs;
    private ImageRegistry registry;
    private MigrationServers hypervisors;

    /**
     * @param directory for what the servers keep
     * @param images that they serve
     * @param seed of what the disk holds
     */
    SourceServers(Path directory, SourceImages images, long diskBytes, long seed) {
        this.directory = directory;
        this.images = images;
        this.diskBytes = diskBytes;
        this.seed = seed;
    }

    /**
     * @param kind as it stands below {@code source:}; a disk of {@code imageio} and of {@code vddk} is for one import at a
     *     time
     * @param format as {@link SourceImages#make} knows it; hypervisors have one of their own
     */
    Served serve(String kind, String format) {
        Path image = images.make(format, diskBytes, seed);
        return switch (kind) {
            case "http" -> Served.at(web, image);
            case "s3" -> inS3(image);
            case "gcs" -> inGcs(image);
            case "registry" -> inRegistry(image);
            case "imageio" -> hypervisors().fromOvirt();
            case "vddk" -> hypervisors().fromVmware();
            default -> throw new IllegalArgumentException("No server for " + kind);
        };
    }

    /** Disks that are lent, and sessions that nobody has closed. */
    int stillInUse() {
        return hypervisors == null ? 0 : hypervisors.lentDisks() + hypervisors.openSessions();
    }

    @Override
    public void close() {
        closers.reversed().forEach(Runnable::run);
    }

    private Served inS3(Path image) {
        if (s3 == null) {
            s3 = S3Server.startOn(host, subdirectory("s3"), "eu-west-1");
            closers.add(s3::close);
        }
        String key = image.getFileName().toString();
        s3.put(BUCKET, key, image);
        s3.publish(BUCKET);
        return relayed("s3", s3.port(), key, image);
    }

    private Served inGcs(Path image) {
        if (gcs == null) {
            gcs = GcsServer.startOn(host, subdirectory("gcs"));
            closers.add(gcs::close);
            gcs.createBucket(BUCKET);
        }
        String key = image.getFileName().toString();
        gcs.put(BUCKET, key, image);
        return relayed("gcs", gcs.port(), key, image);
    }

    private Served relayed(String kind, int port, String key, Path image) {
        Relay relay = Relay.to(host, port);
        closers.add(relay::close);
        return new Served(
                kind + ":\n      url: " + relay.endpoint() + "/" + BUCKET + "/" + key,
                image.toFile().length(),
                Tap.at(relay));
    }

    /** In a gzip layer, of which all that comes before the end of the disk is needed. */
    private Served inRegistry(Path image) {
        if (registry == null) {
            registry = ImageRegistry.insecure(subdirectory("registry"));
            closers.add(registry::close);
        }
        String name = "disks/" + image.getFileName() + ":v1";
        Resource layer = layers.computeIfAbsent(image, _ -> registry.push(name, image));
        return new Served(
                "registry:\n      url: docker://" + registry.authority() + "/" + name,
                layer.spec().content().length(),
                Tap.at(layer));
    }

    private MigrationServers hypervisors() {
        if (hypervisors == null) {
            try {
                hypervisors =
                        new MigrationServers(subdirectory("hypervisors"), new MigratedDisk(images, diskBytes, seed));
            } catch (IOException | GeneralSecurityException e) {
                throw new IllegalStateException("Cannot start hypervisors", e);
            }
            closers.add(hypervisors::close);
        }
        return hypervisors;
    }

    private Path subdirectory(String name) {
        try {
            return Files.createDirectories(directory.resolve(name));
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot make room for the " + name + " server", e);
        }
    }
}
