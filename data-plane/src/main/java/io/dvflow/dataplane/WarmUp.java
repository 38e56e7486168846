package io.dvflow.dataplane;

import io.dvflow.dataplane.metrics.SelfSigned;
import io.dvflow.dataplane.report.Reporter;
import io.dvflow.dataplane.stop.StopSignal;
import io.dvflow.transfer.TransferJson;
import io.dvflow.transfer.TransferPlan;
import io.dvflow.transfer.TransferPlan.ContentType;
import io.dvflow.transfer.TransferSource;
import io.dvflow.transfer.TransferTarget;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Stream;
import java.util.zip.Deflater;

/** A rehearsal: one tiny import of each kind, so that a recording JVM sees every class that a real one needs. */
final class WarmUp {

    private static final int CLUSTER = 64 << 10;
    private static final long DISK = 4 << 20;
    private static final int BACKLOG = 50;
    /** In the entry of an L2 table. */
    private static final long COMPRESSED = 1L << 62;
    /** Among the incompatible features of a header. */
    private static final int COMPRESSION_TYPE = 1 << 3;

    private WarmUp() {}

    /** @throws IllegalStateException if a rehearsal fails: then so would every transfer */
    static void run() throws IOException, GeneralSecurityException {
        Path directory = Files.createTempDirectory("dvflow-warm-up");
        Path secret = Files.createTempDirectory("dvflow-warm-up-secret");
        InetAddress here = InetAddress.getLoopbackAddress();
        try (ServerSocket listener = new ServerSocket(0, BACKLOG, here);
                ServerSocket secure = SelfSigned.context("dvflow-warm-up")
                        .getServerSocketFactory()
                        .createServerSocket(0, BACKLOG, here)) {
            Map<String, byte[]> images = new HashMap<>(Map.of("/disk.raw", raw(), "/disk.qcow2", qcow2()));
            images.putAll(Map.of("/zlib.qcow2", qcow2(deflated(), 0), "/zstd.qcow2", qcow2(WarmUpPacked.zstd(), 1)));
            images.putAll(WarmUpImage.served(raw()));
            images.putAll(WarmUpPacked.served());
            images.put("/bucket/disk.raw", raw());
            images.put("/tree.tar", WarmUpImage.tar(raw()));
            Thread.ofPlatform().daemon().start(() -> serve(listener, images));
            Thread.ofPlatform().daemon().start(() -> serve(secure, images));
            String server = "http://127.0.0.1:" + listener.getLocalPort();
            rehearse(http(server + "/disk.raw", Optional.empty()), directory);
            rehearse(http(server + "/disk.qcow2", Optional.empty()), directory);
            rehearse(http(server + "/zlib.qcow2", Optional.empty()), directory);
            rehearse(http(server + "/zstd.qcow2", Optional.empty()), directory);
            rehearse(http("https://127.0.0.1:" + secure.getLocalPort() + "/disk.qcow2", Optional.empty()), directory);
            for (String path : WarmUpPacked.served().keySet()) {
                rehearse(http(server + path, Optional.empty()), directory);
            }
            rehearse(s3(server + "/bucket/disk.raw", secret), directory);
            rehearse(new TransferSource.Blank(), directory);
            rehearse(WarmUpImage.source(listener.getLocalPort()), directory);
            rehearse(http(server + "/tree.tar", Optional.empty()), ContentType.ARCHIVE, directory);
        } finally {
            remove(secret);
            remove(directory);
        }
    }

    private static void rehearse(TransferSource source, Path directory) throws IOException {
        rehearse(source, ContentType.KUBEVIRT, directory);
    }

    private static void rehearse(TransferSource source, ContentType contentType, Path directory) throws IOException {
        TransferPlan plan = new TransferPlan(
                "warm-up",
                1,
                source,
                new TransferTarget.DiskFile(directory.toString()),
                contentType,
                DISK,
                0,
                true,
                Optional.empty(),
                false,
                Optional.empty());
        Path file = Files.writeString(Files.createTempFile(directory, "plan", ".json"), TransferJson.write(plan));
        Map<String, String> environment = new HashMap<>(System.getenv());
        environment.put(
                "DVFLOW_TERMINATION_LOG", directory.resolve("outcome.json").toString());
        environment.put("DVFLOW_METRICS_PORT", Integer.toString(freePort()));
        StopSignal stop = new StopSignal();
        TransferMain.stopWhenTold(stop, new CountDownLatch(0));
        int code = TransferMain.carryOut(
                new String[] {"--plan", file.toString()}, environment, Reporter.toStandardOutput(), stop);
        if (code != 0) {
            throw new IllegalStateException("The warm-up failed: " + plan.source());
        }
    }

    private static int freePort() throws IOException {
        try (ServerSocket free = new ServerSocket(0)) {
            return free.getLocalPort();
        }
    }

    private static TransferSource.Http http(String url, Optional<String> checksum) {
        return new TransferSource.Http(
                url, Optional.empty(), Optional.empty(), List.of(), List.of(), checksum, false, List.of());
    }

    private static TransferSource.S3 s3(String url, Path secret) throws IOException {
        Files.writeString(secret.resolve("accessKeyId"), "rehearsal");
        Files.writeString(secret.resolve("secretKey"), "rehearsal");
        return new TransferSource.S3(url, Optional.of(secret.toString()), Optional.empty());
    }

    private static byte[] raw() {
        byte[] bytes = new byte[2 << 20];
        Arrays.fill(bytes, 0, 1 << 20, (byte) 7);
        return bytes;
    }

    /** Header, L1 table, L2 table and one data cluster. */
    private static byte[] qcow2() {
        return qcow2(cluster(), 0, 3L * CLUSTER);
    }

    /** The same with a compressed cluster; the type of the compression makes the header longer. */
    private static byte[] qcow2(byte[] packed, int type) {
        return qcow2(packed, type, COMPRESSED | 3L * CLUSTER);
    }

    private static byte[] qcow2(byte[] cluster, int compressionType, long entry) {
        ByteBuffer b = ByteBuffer.allocate(4 * CLUSTER);
        b.put(0, new byte[] {'Q', 'F', 'I', (byte) 0xfb});
        b.putInt(4, 3)
                .putInt(20, 16)
                .putLong(24, DISK)
                .putInt(36, 1)
                .putLong(40, CLUSTER)
                .putLong(72, compressionType == 0 ? 0 : COMPRESSION_TYPE)
                .putInt(100, 112)
                .put(104, (byte) compressionType);
        b.putLong(CLUSTER, 2L * CLUSTER);
        b.putLong(2 * CLUSTER, entry);
        b.put(3 * CLUSTER, cluster);
        return b.array();
    }

    private static byte[] cluster() {
        byte[] cluster = new byte[CLUSTER];
        Arrays.fill(cluster, (byte) 7);
        return cluster;
    }

    private static byte[] deflated() {
        try (Deflater deflater = new Deflater(Deflater.DEFAULT_COMPRESSION, true)) {
            deflater.setInput(cluster());
            deflater.finish();
            byte[] packed = new byte[CLUSTER];
            return Arrays.copyOf(packed, deflater.deflate(packed));
        }
    }

    private static void serve(ServerSocket listener, Map<String, byte[]> images) {
        while (!listener.isClosed()) {
            try {
                Socket socket = listener.accept();
                Thread.ofPlatform().daemon().start(() -> answerAll(socket, images));
            } catch (IOException e) {
                // The rehearsal is over.
            }
        }
    }

    private static void answerAll(Socket connection, Map<String, byte[]> images) {
        try (Socket socket = connection) {
            answerRequests(socket, images);
        } catch (IOException e) {
            // The client has what it wanted.
        }
    }

    private static void answerRequests(Socket socket, Map<String, byte[]> images) throws IOException {
        BufferedReader in =
                new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.ISO_8859_1));
        String path = null;
        String range = null;
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            if (path == null) {
                if (!line.startsWith("GET ")) {
                    // The first bytes of TLS.
                    return;
                }
                path = line.split(" ")[1];
            } else if (line.startsWith("Range: bytes=")) {
                range = line.substring("Range: bytes=".length());
            } else if (line.isEmpty()) {
                answer(socket.getOutputStream(), images.get(path), range);
                path = null;
                range = null;
            }
        }
    }

    private static void answer(OutputStream out, byte[] image, String range) throws IOException {
        if (range == null) {
            out.write(("HTTP/1.1 200 OK\r\nContent-Length: " + image.length + "\r\n\r\n")
                    .getBytes(StandardCharsets.ISO_8859_1));
            out.write(image);
            return;
        }
        int from = Integer.parseInt(range.split("-")[0]);
        int to = Math.min(image.length - 1, Integer.parseInt(range.split("-")[1]));
        out.write(("HTTP/1.1 206 Partial Content\r\nETag: \"1\"\r\nContent-Length: " + (to - from + 1)
                        + "\r\nContent-Range: bytes " + from + "-" + to + "/" + image.length + "\r\n\r\n")
                .getBytes(StandardCharsets.ISO_8859_1));
        out.write(image, from, to - from + 1);
    }

    private static void remove(Path directory) throws IOException {
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }
}
