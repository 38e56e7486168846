package io.dvflow.testbed.hypervisors;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.awaitility.Awaitility;

/** The server that a host of oVirt puts between a disk and ovirt-imageio. */
public final class QemuNbd implements AutoCloseable {

    private final Process process;
    private final Path socket;

    private QemuNbd(Process process, Path socket) {
        this.process = process;
        this.socket = socket;
    }

    public static QemuNbd serve(Path image, String format, Path socket) throws IOException {
        return start(List.of("--format=" + format, image.toString()), socket);
    }

    /** Only what a qcow2 image itself holds: what lies beneath it is not there. */
    public static QemuNbd serveShallow(Path image, Path socket) throws IOException {
        String options = "driver=qcow2,file.driver=file,file.filename=" + image + ",backing=";
        return start(List.of("--allocation-depth", "--image-opts", options), socket);
    }

    private static QemuNbd start(List<String> image, Path socket) throws IOException {
        List<String> command =
                new ArrayList<>(List.of("qemu-nbd", "--read-only", "--persistent", "--shared=0", "--socket=" + socket));
        command.addAll(image);
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(
                        socket.resolveSibling(socket.getFileName() + ".log").toFile())
                .start();
        Awaitility.await("qemu-nbd to serve " + image)
                .atMost(Duration.ofSeconds(60))
                .until(() -> Files.exists(socket) || !process.isAlive());
        if (!process.isAlive()) {
            throw new IllegalStateException(Files.readString(socket.resolveSibling(socket.getFileName() + ".log")));
        }
        return new QemuNbd(process, socket);
    }

    public Path socket() {
        return socket;
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
