package io.dvflow.dataplane;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.dvflow.dataplane.source.http.HttpSettings;
import io.dvflow.testbed.hypervisors.ImageIoDaemon;
import io.dvflow.testbed.hypervisors.OvirtHost;
import io.dvflow.testbed.hypervisors.StandInEngine;
import io.dvflow.transfer.Checkpoint;
import io.dvflow.transfer.ResumeMap;
import io.dvflow.transfer.TransferOutcome;
import io.dvflow.transfer.TransferPlan;
import io.dvflow.transfer.TransferSource;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;

/** A disk of oVirt behind a stand-in of the engine and the real ovirt-imageio, and a volume to bring it to. */
final class OvirtDisk implements AutoCloseable {

    static final long MIB = 1 << 20;

    static final long SIZE = 64 * MIB;

    static final String DISK = "0f6a3d4c-disk";

    static final String FIRST = "11111111-snapshot";

    static final String SECOND = "22222222-snapshot";

    private static final Duration PATIENCE = Duration.ofSeconds(60);

    final OvirtHost host;
    final StandInEngine engine;
    final ThrottledProxy slowLine;
    final Path volume;
    final Path login;
    final Path raw;
    private final Path directory;

    OvirtDisk(ImageIoDaemon daemon, Path directory) throws IOException {
        this.directory = directory;
        host = new OvirtHost(daemon, directory, SIZE);
        engine = StandInEngine.start(host);
        slowLine = ThrottledProxy.start(4 << 20);
        volume = Files.createDirectory(directory.resolve("volume"));
        login = Files.createDirectory(directory.resolve("login"));
        Files.writeString(login.resolve("accessKeyId"), StandInEngine.USER);
        Files.writeString(login.resolve("secretKey"), StandInEngine.PASSWORD + "\n");
        raw = TestImages.raw(directory.resolve("disk.raw"), SIZE, 5);
        engine.addDisk(DISK, SECOND);
        host.serves(DISK, qcow2("disk.qcow2"));
    }

    @Override
    public void close() {
        engine.close();
        slowLine.close();
        host.close();
    }

    /** A second checkpoint with 3 MiB of new data, and 2 MiB of zeros where there was data; what both make together. */
    Path prepareTwoCheckpoints() throws IOException {
        Path base = host.imageOf(DISK);
        Path overlay = directory.resolve("overlay.qcow2");
        Shell.run("qemu-img", "create", "-q", "-f", "qcow2", "-b", base, "-F", "qcow2", overlay);
        Path expected = directory.resolve("expected.raw");
        Files.copy(raw, expected);
        byte[] news = new byte[3 << 20];
        new Random(77).nextBytes(news);
        Path newsFile = Files.write(directory.resolve("news"), news);
        Shell.run("qemu-io", "-f", "qcow2", "-c", "write -s " + newsFile + " 20M 3M", overlay);
        Shell.run("qemu-io", "-f", "qcow2", "-c", "write -z " + SIZE / 2 + " 2M", overlay);
        try (RandomAccessFile disk = new RandomAccessFile(expected.toFile(), "rw")) {
            disk.seek(20 * MIB);
            disk.write(news);
            disk.seek(SIZE / 2);
            disk.write(new byte[2 << 20]);
        }
        engine.addSnapshot(DISK, FIRST, Optional.empty());
        engine.addSnapshot(DISK, SECOND, Optional.of(FIRST));
        host.serves(FIRST, base);
        host.serves(DISK, overlay);
        host.serves(SECOND, overlay);
        return expected;
    }

    void denseDisk() throws IOException {
        TestImages.random(raw, SIZE, 9);
        host.serves(DISK, qcow2("dense.qcow2"));
    }

    Path qcow2(String name) {
        Path image = directory.resolve(name);
        Shell.run("qemu-img", "convert", "-f", "raw", "-O", "qcow2", raw, image);
        return image;
    }

    static ResumeMap stopOnTheWay(Rig rig, TransferPlan plan, long durableBytes) {
        CompletableFuture<TransferOutcome> running = CompletableFuture.supplyAsync(() -> rig.run(plan));
        await().atMost(PATIENCE).until(() -> rig.durableBytes() > durableBytes);
        rig.stop.raise();
        assertThat(running.join()).isInstanceOf(TransferOutcome.Stopped.class);
        return rig.durableMaps().getLast();
    }

    static void awaitSome(Rig rig) {
        await().atMost(PATIENCE).until(() -> rig.durableBytes() > 8 * MIB);
    }

    /** One connection to a host that sends 4 MB/s, until it is told to hurry. */
    Rig slow() {
        engine.direct = slowLine::through;
        return new Rig().with(s -> new TransferSettings(1, s.http(), s.environment()));
    }

    static Rig quick() {
        return new Rig()
                .with(s -> new TransferSettings(
                        1,
                        new HttpSettings(
                                s.http().connectTimeout(),
                                s.http().stallTimeout(),
                                s.http().headTimeout(),
                                s.http().triesWithoutProgress(),
                                s.http().firstBackoff(),
                                Duration.ofMillis(20)),
                        s.environment()));
    }

    String ticketOf(int transfer) {
        String url = engine.lent.get(transfer).url();
        return url.substring(url.lastIndexOf('/') + 1);
    }

    static Optional<Checkpoint> stage(String current, String previous) {
        return Optional.of(new Checkpoint(current, Optional.ofNullable(previous)));
    }

    TransferPlan plan() {
        return Rig.plan(source(DISK, Optional.empty()), Rig.file(volume), SIZE);
    }

    TransferSource source(String disk, Optional<Checkpoint> checkpoint) {
        return new TransferSource.ImageIo(engine.url(), disk, checkpoint, login.toString(), Optional.empty(), true);
    }
}
