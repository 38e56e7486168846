package io.dvflow.dataplane;

import io.dvflow.transfer.TransferSource;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.zip.GZIPOutputStream;

/** The smallest container image with a disk in it, as a registry serves it. */
final class WarmUpImage {

    private static final int BLOCK = 512;
    private static final String MANIFESTS = "/v2/warm/up/manifests/latest";
    private static final String BLOBS = "/v2/warm/up/blobs/";
    private static final String LAYER = "application/vnd.oci.image.layer.v1.tar+gzip";

    private WarmUpImage() {}

    static TransferSource.Registry source(int port) {
        return new TransferSource.Registry(
                "docker://127.0.0.1:" + port + "/warm/up",
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                true,
                Optional.empty());
    }

    /** What is there at which path. */
    static Map<String, byte[]> served(byte[] disk) throws IOException {
        byte[] layer = gzip(tar(disk));
        byte[] config = "{}".getBytes(StandardCharsets.UTF_8);
        String manifest = "{\"schemaVersion\":2,\"config\":" + descriptor("application/json", config) + ",\"layers\":["
                + descriptor(LAYER, layer) + "]}";
        return Map.of(
                "/v2/",
                config,
                MANIFESTS,
                manifest.getBytes(StandardCharsets.UTF_8),
                BLOBS + digest(config),
                config,
                BLOBS + digest(layer),
                layer);
    }

    /** An archive with the disk in it. */
    static byte[] tar(byte[] disk) {
        byte[] archive = new byte[3 * BLOCK + disk.length];
        put(archive, 0, "disk/disk.img");
        put(archive, 124, Integer.toOctalString(disk.length));
        put(archive, 148, " ".repeat(8) + "0");
        put(archive, 257, "ustar");
        int sum = 0;
        for (int i = 0; i < BLOCK; i++) {
            sum += archive[i] & 0xff;
        }
        put(archive, 148, Integer.toOctalString(sum) + "\0");
        System.arraycopy(disk, 0, archive, BLOCK, disk.length);
        return archive;
    }

    private static void put(byte[] archive, int at, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1);
        System.arraycopy(bytes, 0, archive, at, bytes.length);
    }

    private static byte[] gzip(byte[] bytes) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
            gzip.write(bytes);
        }
        return out.toByteArray();
    }

    private static String descriptor(String mediaType, byte[] content) {
        return "{\"mediaType\":\"" + mediaType + "\",\"digest\":\"" + digest(content) + "\",\"size\":" + content.length
                + "}";
    }

    private static String digest(byte[] content) {
        try {
            return "sha256:"
                    + HexFormat.of()
                            .formatHex(MessageDigest.getInstance("SHA-256").digest(content));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every JVM has SHA-256", e);
        }
    }
}
