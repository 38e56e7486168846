package io.dvflow.dataplane;

import static io.dvflow.testbed.http.Fault.of;
import static org.assertj.core.api.Assertions.assertThat;

import io.dvflow.dataplane.FaultyServerTest.Hopeless;
import io.dvflow.dataplane.FaultyServerTest.Misdeed;
import io.dvflow.dataplane.HostileRun.Answer;
import io.dvflow.dataplane.LoneTransfers.Room;
import io.dvflow.testbed.http.Content;
import io.dvflow.testbed.http.Fault.Kind;
import io.dvflow.testbed.http.FaultServer;
import io.dvflow.testbed.http.Resource;
import io.dvflow.testbed.http.ResourceSpec;
import io.dvflow.transfer.FailureReason;
import io.dvflow.transfer.TransferOutcome.Complete;
import io.dvflow.transfer.TransferOutcome.Failed;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.Timeout.ThreadMode;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The misdeeds of servers again, done to processes with the JVM of a transfer pod: none takes more memory than one has. */
@Timeout(value = 5, unit = TimeUnit.MINUTES, threadMode = ThreadMode.SEPARATE_THREAD)
class FaultyServerMemoryTest {

    private static final long SIZE = FaultyServerTest.SIZE;
    private static final long MOST_MEMORY = 200 << 20;

    @TempDir
    static Path directory;

    private static FaultServer server;
    private static LoneTransfers transfers;
    private static Path raw;
    private static Path qcow2;
    private static Path gzip;

    @BeforeAll
    static void serve() throws IOException {
        server = FaultServer.start();
        raw = TestImages.raw(directory.resolve("disk.raw"), SIZE, 7);
        qcow2 = directory.resolve("disk.qcow2");
        Shell.run("qemu-img", "convert", "-O", "qcow2", "-S", "0", raw, qcow2);
        gzip = directory.resolve("disk.gz");
        Shell.run("bash", "-ec", "gzip < " + raw + " > " + gzip);
        transfers = LoneTransfers.startImpatient(directory);
    }

    @AfterAll
    static void stop() {
        transfers.close();
        server.close();
    }

    @ParameterizedTest
    @MethodSource("io.dvflow.dataplane.FaultyServerTest#survivable")
    void aRawDiskGetsThrough(Misdeed misdeed) throws IOException {
        getsThrough(misdeed, raw);
    }

    @ParameterizedTest
    @MethodSource("io.dvflow.dataplane.FaultyServerTest#survivable")
    void aQcow2DiskGetsThrough(Misdeed misdeed) throws IOException {
        getsThrough(misdeed, qcow2);
    }

    @ParameterizedTest
    @MethodSource("io.dvflow.dataplane.FaultyServerTest#survivable")
    void aPackedDiskGetsThrough(Misdeed misdeed) throws IOException {
        getsThrough(misdeed, gzip);
    }

    @ParameterizedTest
    @MethodSource("io.dvflow.dataplane.FaultyServerTest#hopeless")
    void aHopelessServerIsRefused(Hopeless hopeless) throws IOException {
        hopeless.misdeed().doneTo(server.add("/disk", ResourceSpec.of(raw)));

        assertRefused(hopeless.reason());
    }

    @Test
    void aBodyWithoutEndIsRefused() throws IOException {
        Resource disk = server.add(
                "/disk", ResourceSpec.of(Content.zeros(Long.MAX_VALUE)).withoutRanges());
        disk.faults(of(Kind.CHUNKED));

        assertRefused(FailureReason.TOO_SMALL);
    }

    private static void getsThrough(Misdeed misdeed, Path image) throws IOException {
        misdeed.doneTo(server.add("/disk", ResourceSpec.of(image)));
        try (Room room = transfers.room()) {
            Answer answer = transfers.carryOut(room.plan(server.url("/disk"), SIZE));

            assertThat(answer.outcome()).isInstanceOf(Complete.class);
            assertThat(answer.peakBytes()).as("resident bytes").isLessThan(MOST_MEMORY);
            Disks.assertHolds(room.disk(), SIZE, raw);
        }
    }

    private static void assertRefused(FailureReason reason) throws IOException {
        try (Room room = transfers.room()) {
            Answer answer = transfers.carryOut(room.plan(server.url("/disk"), SIZE));

            assertThat(answer.outcome())
                    .isInstanceOfSatisfying(
                            Failed.class, failed -> assertThat(failed.reason()).isEqualTo(reason));
            assertThat(answer.peakBytes()).as("resident bytes").isLessThan(MOST_MEMORY);
        }
    }
}
