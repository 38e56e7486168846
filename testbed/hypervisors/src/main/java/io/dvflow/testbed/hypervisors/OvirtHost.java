package io.dvflow.testbed.hypervisors;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/** A host of oVirt: qemu-nbd for a disk, ovirt-imageio in front of it. */
public final class OvirtHost implements StandInEngine.Host, AutoCloseable {

    private static final int TICKET_SECONDS = 60;

    private final ImageIoDaemon daemon;
    private final Path directory;
    private final long diskBytes;
    private final Map<String, Path> images = new ConcurrentHashMap<>();
    private final List<QemuNbd> running = new CopyOnWriteArrayList<>();
    private final AtomicInteger sockets = new AtomicInteger();

    /**
     * @param directory for sockets
     * @param diskBytes virtual size of all of its disks
     */
    public OvirtHost(ImageIoDaemon daemon, Path directory, long diskBytes) {
        this.daemon = daemon;
        this.directory = directory;
        this.diskBytes = diskBytes;
    }

    /**
     * Says what is behind a disk or a snapshot.
     *
     * @param image whose name ends in {@code .raw}, or a qcow2 image
     */
    public void serves(String subject, Path image) {
        images.put(subject, image);
    }

    public Path imageOf(String subject) {
        return images.get(subject);
    }

    @Override
    public String serve(String subject, boolean shallow) {
        Path image = images.get(subject);
        Path socket = directory.resolve("nbd-" + sockets.incrementAndGet());
        String format = image.toString().endsWith(".raw") ? "raw" : "qcow2";
        try {
            running.add(shallow ? QemuNbd.serveShallow(image, socket) : QemuNbd.serve(image, format, socket));
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot serve " + image, e);
        }
        return daemon.addTicket("nbd:unix:" + socket, diskBytes, TICKET_SECONDS);
    }

    @Override
    public void extend(String url) {
        daemon.extendTicket(url, TICKET_SECONDS);
    }

    @Override
    public void withdraw(String url) {
        daemon.removeTicket(url);
    }

    @Override
    public void close() {
        running.forEach(QemuNbd::close);
    }
}
