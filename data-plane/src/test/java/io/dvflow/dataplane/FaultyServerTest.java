package io.dvflow.dataplane;

import static io.dvflow.testbed.http.Fault.header;
import static io.dvflow.testbed.http.Fault.of;
import static io.dvflow.testbed.http.Fault.redirect;
import static io.dvflow.testbed.http.Fault.status;
import static org.assertj.core.api.Assertions.assertThat;

import io.dvflow.testbed.http.Fault;
import io.dvflow.testbed.http.Fault.Kind;
import io.dvflow.testbed.http.FaultServer;
import io.dvflow.testbed.http.Resource;
import io.dvflow.testbed.http.ResourceSpec;
import io.dvflow.testbed.http.ServedRequest;
import io.dvflow.transfer.FailureReason;
import io.dvflow.transfer.TransferOutcome.Failed;
import io.dvflow.transfer.TransferPlan;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.Timeout.ThreadMode;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What servers do to a transfer: each misdeed ends with the right bytes or in a clear refusal, never in wrong bytes nor in
 * waiting for ever.
 */
@Timeout(value = 5, unit = TimeUnit.MINUTES, threadMode = ThreadMode.SEPARATE_THREAD)
class FaultyServerTest {

    static final long SIZE = 6 << 20;

    @TempDir
    static Path directory;

    private static FaultServer server;
    private static Path raw;
    private static Path qcow2;
    private static Path gzip;

    private Resource disk;

    /** A server that does this, beside being a good one. */
    record Misdeed(String name, List<Fault> faults) {
        static Misdeed that(String name, Fault... faults) {
            return new Misdeed(name, List.of(faults));
        }

        void doneTo(Resource resource) {
            resource.faults(faults.toArray(new Fault[0]));
        }

        @Override
        public String toString() {
            return name;
        }
    }

    /** And what comes of it. */
    record Hopeless(Misdeed misdeed, FailureReason reason, String says) {
        @Override
        public String toString() {
            return misdeed.name;
        }
    }

    @BeforeAll
    static void serve() throws IOException {
        server = FaultServer.start();
        raw = TestImages.raw(directory.resolve("disk.raw"), SIZE, 7);
        qcow2 = directory.resolve("disk.qcow2");
        Shell.run("qemu-img", "convert", "-O", "qcow2", "-S", "0", raw, qcow2);
        gzip = directory.resolve("disk.gz");
        Shell.run("bash", "-ec", "gzip < " + raw + " > " + gzip);
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    static Stream<Misdeed> survivable() {
        return Stream.of(
                Misdeed.that("drops every response", of(Kind.DROP).afterBytes(150_000)),
                Misdeed.that("resets every response", of(Kind.RESET).afterBytes(150_000)),
                Misdeed.that(
                        "stalls now and then",
                        of(Kind.STALL).afterBytes(100_000).skip(1).times(2)),
                Misdeed.that("is unavailable at first", status(503).times(2)),
                Misdeed.that(
                        "is unavailable later", status(503).skip(1).times(2).retryAfter("0")),
                Misdeed.that("asks for patience", status(429).times(1).retryAfter("1")),
                Misdeed.that("has a bad gateway", status(502).skip(1).times(1)),
                Misdeed.that("sends chunks", of(Kind.CHUNKED)),
                Misdeed.that("cuts chunked responses", of(Kind.CHUNKED_CUT).afterBytes(200_000)),
                Misdeed.that(
                        "sends trailers without end once",
                        of(Kind.ENDLESS_TRAILERS).skip(1).times(1)),
                Misdeed.that("states no length of ranges", of(Kind.NO_LENGTH)),
                Misdeed.that(
                        "states no length of ranges and cuts",
                        of(Kind.NO_LENGTH_CUT).afterBytes(200_000)),
                Misdeed.that("sends less than asked", of(Kind.SHORT_RANGE).afterBytes(300_001)),
                Misdeed.that(
                        "ignores a range once", of(Kind.IGNORE_RANGE).skip(1).times(1)),
                Misdeed.that(
                        "sends a wrong range once",
                        of(Kind.WRONG_CONTENT_RANGE).delta(512).skip(1).times(1)),
                Misdeed.that(
                        "sends a wrong total once",
                        of(Kind.WRONG_TOTAL).delta(512).skip(1).times(1)),
                Misdeed.that(
                        "sends no Content-Range once",
                        of(Kind.NO_CONTENT_RANGE).skip(1).times(1)),
                Misdeed.that("sends multipart once", of(Kind.MULTIPART).skip(1).times(1)),
                Misdeed.that(
                        "states too long a length once",
                        of(Kind.WRONG_LENGTH).delta(9).skip(1).times(1)),
                Misdeed.that(
                        "states too short a length once",
                        of(Kind.WRONG_LENGTH).delta(-9).skip(1).times(1)),
                Misdeed.that(
                        "speaks another protocol once", of(Kind.GARBAGE).skip(1).times(1)),
                Misdeed.that(
                        "sends headers without end once",
                        of(Kind.ENDLESS_HEADERS).times(1)),
                Misdeed.that(
                        "sends headers slowly", of(Kind.SLOW_HEADERS).millis(1).times(3)),
                Misdeed.that("sends slowly", of(Kind.SLOW_BODY).delta(4 << 20)),
                Misdeed.that("closes every connection", header("Connection: close")),
                Misdeed.that("claims ranges only later", of(Kind.IGNORE_RANGE).times(1)));
    }

    @ParameterizedTest
    @MethodSource("survivable")
    void aRawDiskGetsThrough(Misdeed misdeed) throws IOException {
        getsThrough(misdeed, raw);
    }

    @ParameterizedTest
    @MethodSource("survivable")
    void aQcow2DiskGetsThrough(Misdeed misdeed) throws IOException {
        getsThrough(misdeed, qcow2);
    }

    @ParameterizedTest
    @MethodSource("survivable")
    void aPackedDiskGetsThrough(Misdeed misdeed) throws IOException {
        getsThrough(misdeed, gzip);
    }

    @ParameterizedTest
    @MethodSource("survivable")
    void aDeviceOfOldDataHoldsTheDiskAlone(Misdeed misdeed) throws IOException {
        disk = server.add("/disk", ResourceSpec.of(raw));
        misdeed.doneTo(disk);
        long larger = SIZE + (2 << 20);
        try (LoopDevice device = LoopDevice.fullOfOldData(Files.createTempFile(directory, "backing", ""), larger)) {
            Rig.impatient().complete(Rig.plan(server.url("/disk"), Rig.block(device), larger));

            Disks.assertHolds(device.path(), larger, raw);
        }
    }

    static Stream<Hopeless> hopeless() {
        return Stream.of(
                hopeless("unavailable", FailureReason.SERVER_ERROR, "503 Service", status(503)),
                hopeless(
                        "wants an hour",
                        FailureReason.SERVER_ERROR,
                        "got 429",
                        status(429).retryAfter("3600")),
                hopeless("drops at once", FailureReason.TRUNCATED, "closed", of(Kind.DROP)),
                hopeless(
                        "drops all after the first",
                        FailureReason.TRUNCATED,
                        "closed",
                        of(Kind.DROP).skip(1)),
                hopeless(
                        "stalls",
                        FailureReason.CONNECTION_FAILED,
                        "no byte came",
                        of(Kind.STALL).skip(1)),
                hopeless(
                        "not found",
                        FailureReason.NOT_FOUND,
                        "Unable to connect to http data source: expected status code 200, got 404. Status: 404",
                        status(404)),
                hopeless("login", FailureReason.UNAUTHORIZED, "secretRef", status(401)),
                hopeless("forbidden", FailureReason.UNAUTHORIZED, "403 Forbidden", status(403)),
                hopeless("teapot", FailureReason.REFUSED_BY_SERVER, "418", status(418)),
                hopeless("no range fits", FailureReason.REFUSED_BY_SERVER, "416", status(416)),
                hopeless(
                        "gone later",
                        FailureReason.NOT_FOUND,
                        "404",
                        status(404).skip(1)),
                hopeless(
                        "no range fits later",
                        FailureReason.REFUSED_BY_SERVER,
                        "416",
                        status(416).skip(1)),
                hopeless(
                        "wrong ranges",
                        FailureReason.REFUSED_BY_SERVER,
                        "in answer to",
                        of(Kind.WRONG_CONTENT_RANGE).delta(512)),
                hopeless(
                        "no Content-Range",
                        FailureReason.REFUSED_BY_SERVER,
                        "Content-Range",
                        of(Kind.NO_CONTENT_RANGE)),
                hopeless(
                        "no length nor ranges",
                        FailureReason.LENGTH_UNKNOWN,
                        "Content-Length",
                        of(Kind.IGNORE_RANGE),
                        of(Kind.NO_LENGTH)),
                hopeless("other protocol", FailureReason.REFUSED_BY_SERVER, "not HTTP", of(Kind.GARBAGE)),
                hopeless("headers without end", FailureReason.REFUSED_BY_SERVER, "head", of(Kind.ENDLESS_HEADERS)),
                hopeless(
                        "headers too slow",
                        FailureReason.CONNECTION_FAILED,
                        "response head",
                        of(Kind.SLOW_HEADERS).millis(60)),
                hopeless(
                        "redirects for ever",
                        FailureReason.REFUSED_BY_SERVER,
                        "redirects more than",
                        redirect("/disk")),
                hopeless("redirects to a file", FailureReason.BAD_PLAN, "redirect", redirect("file:///etc/passwd")),
                hopeless("compresses", FailureReason.REFUSED_BY_SERVER, "gzip", header("Content-Encoding: gzip")));
    }

    @ParameterizedTest
    @MethodSource("hopeless")
    void aHopelessServerIsRefusedWithAReason(Hopeless hopeless) throws IOException {
        disk = server.add("/disk", ResourceSpec.of(raw));
        hopeless.misdeed.doneTo(disk);

        Failed failed = Rig.impatient().failed(Rig.plan(server.url("/disk"), Rig.file(volume()), SIZE));

        assertThat(failed.reason()).as(failed.message()).isEqualTo(hopeless.reason);
        assertThat(failed.message()).contains(hopeless.says);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1})
    void waitsAsLongAsTheServerAsksFor(int requestsBefore) throws IOException {
        disk = server.add("/disk", ResourceSpec.of(raw));
        disk.faults(status(503).skip(requestsBefore).times(1).retryAfter("1"));
        Rig rig = Rig.impatient().with(s -> new TransferSettings(1, s.http(), s.environment()));

        rig.complete(Rig.plan(server.url("/disk"), Rig.file(volume()), SIZE));

        List<ServedRequest> asked = disk.log();
        assertThat(asked.get(requestsBefore).status()).isEqualTo(503);
        assertThat(asked.get(requestsBefore + 1).nanoTime()
                        - asked.get(requestsBefore).nanoTime())
                .isGreaterThanOrEqualTo(TimeUnit.SECONDS.toNanos(1));
    }

    @Test
    void whatTheServerAsksForReachesTheWorker() throws IOException {
        disk = server.add("/disk", ResourceSpec.of(raw));
        disk.faults(status(503).retryAfter("3600"));

        Failed failed = Rig.impatient().failed(Rig.plan(server.url("/disk"), Rig.file(volume()), SIZE));

        assertThat(failed.retryAfterSeconds()).contains(3600L);
        assertThat(disk.stats().requests()).isEqualTo(1);
    }

    /** Nothing in the responses themselves gives it away. */
    @ParameterizedTest
    @ValueSource(strings = {"disk.raw", "disk.qcow2"})
    void bytesFromElsewhereDoNotHoldAgainstAChecksum(String image) throws IOException {
        Path file = directory.resolve(image);
        disk = server.add("/disk", ResourceSpec.of(file));
        disk.faults(of(Kind.SHIFTED_BYTES).delta(4096).skip(1));
        Path volume = volume();
        String sum = Shell.run("sha256sum", file).split(" ")[0];

        Failed failed = Rig.impatient()
                .failed(Rig.plan(Rig.checked(server.url("/disk"), "sha256:" + sum), Rig.file(volume), SIZE));

        assertThat(failed.reason()).as(failed.message()).isEqualTo(FailureReason.CHECKSUM_MISMATCH);
        assertThat(volume).isEmptyDirectory();
    }

    @Test
    void bytesFromElsewhereDoNotUnpack() throws IOException {
        disk = server.add("/disk", ResourceSpec.of(gzip));
        disk.faults(of(Kind.SHIFTED_BYTES).delta(4096).skip(1));

        Failed failed = Rig.impatient().failed(Rig.plan(server.url("/disk"), Rig.file(volume()), SIZE));

        assertThat(failed.reason()).as(failed.message()).isEqualTo(FailureReason.CORRUPT_IMAGE);
    }

    @Test
    void bytesFromElsewhereAreFoundByVerification() throws IOException {
        disk = server.add("/disk", ResourceSpec.of(raw));
        disk.faults(of(Kind.SHIFTED_BYTES).delta(4096).skip(1).times(1));
        Path volume = volume();
        TransferPlan plan = Rig.verifying(Rig.plan(server.url("/disk"), Rig.file(volume), SIZE));

        Failed failed = Rig.impatient().failed(plan);

        assertThat(failed.reason()).as(failed.message()).isEqualTo(FailureReason.VERIFY_FAILED);
        Rig.impatient().complete(plan);
        Disks.assertHolds(volume.resolve("disk.img"), SIZE, raw);
    }

    @Test
    void aServerThatCeasesToServeRangesIsOfNoUse() throws IOException {
        disk = server.add("/disk", ResourceSpec.of(qcow2));
        disk.faults(of(Kind.IGNORE_RANGE).skip(1));

        Failed failed = Rig.impatient().failed(Rig.plan(server.url("/disk"), Rig.file(volume()), SIZE));

        assertThat(failed.reason()).isEqualTo(FailureReason.RANGES_REQUIRED);
        assertThat(failed.message()).contains("with the whole file");
    }

    @Test
    void anEmptyFileIsNoDisk() throws IOException {
        server.add("/disk", ResourceSpec.of(new byte[0]));

        Failed failed = Rig.impatient().failed(Rig.plan(server.url("/disk"), Rig.file(volume()), SIZE));

        assertThat(failed.reason()).isEqualTo(FailureReason.CORRUPT_IMAGE);
        assertThat(failed.message()).contains("0 bytes");
    }

    @Test
    void nobodyListening() throws IOException {
        // Not the port of a server that was closed: the next server may be given it.
        String url = "http://127.0.0.1:1/disk?signature=s3cret";

        Failed failed = Rig.impatient().failed(Rig.plan(url, Rig.file(volume()), SIZE));

        assertThat(failed.reason()).isEqualTo(FailureReason.CONNECTION_FAILED);
        assertThat(failed.message()).contains("HTTP request errored").doesNotContain("s3cret");
    }

    private void getsThrough(Misdeed misdeed, Path image) throws IOException {
        disk = server.add("/disk", ResourceSpec.of(image));
        misdeed.doneTo(disk);
        Path volume = volume();

        Rig.impatient().complete(Rig.plan(server.url("/disk"), Rig.file(volume), SIZE));

        Disks.assertHolds(volume.resolve("disk.img"), SIZE, raw);
    }

    private static Hopeless hopeless(String name, FailureReason reason, String says, Fault... faults) {
        return new Hopeless(Misdeed.that(name, faults), reason, says);
    }

    private static Path volume() throws IOException {
        return Files.createTempDirectory(directory, "volume");
    }
}
