package io.dvflow.dataplane;

import io.dvflow.transfer.TransferJson;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.GZIPOutputStream;

/** A container image in memory, as builders make it and as they would not. */
final class ContainerImage {

    static final String OCI_MANIFEST = "application/vnd.oci.image.manifest.v1+json";
    static final String OCI_INDEX = "application/vnd.oci.image.index.v1+json";
    static final String DOCKER_MANIFEST = "application/vnd.docker.distribution.manifest.v2+json";
    static final String DOCKER_LIST = "application/vnd.docker.distribution.manifest.list.v2+json";

    private static final String OCI_LAYER = "application/vnd.oci.image.layer.v1.tar";
    private static final String OCI_CONFIG = "application/vnd.oci.image.config.v1+json";

    /** How a layer is stored. */
    enum Packing {
        PLAIN(OCI_LAYER),
        GZIP(OCI_LAYER + "+gzip"),
        ZSTD(OCI_LAYER + "+zstd"),
        DOCKER("application/vnd.docker.image.rootfs.diff.tar.gzip");

        final String mediaType;

        Packing(String mediaType) {
            this.mediaType = mediaType;
        }
    }

    final Map<String, byte[]> blobs = new LinkedHashMap<>();
    private final List<Map<String, Object>> layers = new ArrayList<>();
    private final Map<String, String> labels = new LinkedHashMap<>();
    private final List<String> environment = new ArrayList<>(List.of("PATH=/bin"));
    private String architecture = "amd64";

    ContainerImage layer(byte[] tar, Packing packing) {
        return layer(packed(tar, packing), packing.mediaType);
    }

    ContainerImage layer(byte[] stored, String mediaType) {
        layers.add(descriptor(mediaType, put(stored), stored.length));
        return this;
    }

    ContainerImage label(String name, String value) {
        labels.put(name, value);
        return this;
    }

    ContainerImage env(String variable) {
        environment.add(variable);
        return this;
    }

    ContainerImage architecture(String name) {
        architecture = name;
        return this;
    }

    byte[] manifest() {
        return manifest(OCI_MANIFEST);
    }

    byte[] manifest(String mediaType) {
        byte[] config = json(Map.of(
                "architecture",
                architecture,
                "os",
                "linux",
                "config",
                Map.of("Env", environment, "Labels", labels),
                "rootfs",
                Map.of("type", "layers", "diff_ids", List.of())));
        return json(ordered(
                "schemaVersion",
                2,
                "mediaType",
                mediaType,
                "config",
                descriptor(OCI_CONFIG, put(config), config.length),
                "layers",
                layers));
    }

    /** Digest of the layer with that number, from 0. */
    String layerDigest(int number) {
        return (String) layers.get(number).get("digest");
    }

    static Map<String, Object> descriptor(String mediaType, String digest, long size) {
        return ordered("mediaType", mediaType, "digest", digest, "size", size);
    }

    /** An entry of an index. */
    static Map<String, Object> forPlatform(byte[] manifest, String mediaType, String os, String architecture) {
        Map<String, Object> entry = descriptor(mediaType, digest(manifest), manifest.length);
        entry.put("platform", Map.of("os", os, "architecture", architecture));
        return entry;
    }

    static byte[] index(String mediaType, List<Map<String, Object>> manifests) {
        return json(ordered("schemaVersion", 2, "mediaType", mediaType, "manifests", manifests));
    }

    static byte[] json(Object value) {
        return TransferJson.write(value).getBytes(StandardCharsets.UTF_8);
    }

    static String digest(byte[] content) {
        try {
            return "sha256:"
                    + HexFormat.of()
                            .formatHex(MessageDigest.getInstance("SHA-256").digest(content));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    static byte[] packed(byte[] tar, Packing packing) {
        return switch (packing) {
            case PLAIN -> tar;
            case GZIP, DOCKER -> gzip(tar);
            case ZSTD -> zstd(tar);
        };
    }

    static byte[] gzip(byte[] bytes) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
            gzip.write(bytes);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return out.toByteArray();
    }

    private static byte[] zstd(byte[] bytes) {
        try {
            Path in = Files.createTempFile("layer", ".tar");
            Files.write(in, bytes);
            Shell.run("zstd", "-q", "--rm", in);
            Path out = Path.of(in + ".zst");
            byte[] packed = Files.readAllBytes(out);
            Files.delete(out);
            return packed;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private String put(byte[] content) {
        blobs.put(digest(content), content);
        return digest(content);
    }

    private static Map<String, Object> ordered(Object... pairs) {
        Map<String, Object> map = new LinkedHashMap<>();
        for (int i = 0; i < pairs.length; i += 2) {
            map.put((String) pairs[i], pairs[i + 1]);
        }
        return map;
    }
}
