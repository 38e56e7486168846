package io.dvflow.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.dvflow.api.v1beta1.DataVolumePhase;
import io.dvflow.testbed.http.Fault;
import io.dvflow.testbed.http.FaultServer;
import io.dvflow.testbed.http.ServerOptions;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.condition.EnabledIfEnvironmentVariable;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Whatever dies in the middle of a transfer, what has been moved stays moved: the bytes that the server sent are counted, and
 * the whole volume is compared. {@code DVFLOW_RESUME_ROWS} says how many rows, or is a pattern of rows, or {@code all};
 * {@code bench/resume-matrix} runs them all and writes the table down.
 */
@EnabledIfEnvironmentVariable(named = "DVFLOW_E2E", matches = "1")
class ResumeMatrixTest {

    private static final long MIB = 1 << 20;
    private static final long IMAGE_BYTES = 160 * MIB;
    private static final long DISK_BYTES = 192 * MIB;
    private static final long MOST_MOVED_TWICE = 64 * MIB;

    private static final List<String> FORMATS =
            List.of("raw", "qcow2", "qcow2-zlib", "vmdk", "vmdk-stream", "raw.gz", "raw.xz", "raw.zst");

    @TempDir
    static Path directory;

    private static SourceImages images;
    private static FaultServer server;

    @BeforeAll
    static void serveImages() {
        images = new SourceImages(directory);
        server = FaultServer.start(
                ServerOptions.defaults().bind(TestCluster.get().hostAddress(), 0));
    }

    @AfterAll
    static void stopServing() {
        server.close();
    }

    /** @param percent how much of the image the server has sent when the victim dies */
    record Row(String format, String volumeMode, Victim victim, int percent) {}

    @ParameterizedTest(name = "{0}")
    @MethodSource("rows")
    void littleIsMovedTwice(Row row) {
        try (var namespace = new TestNamespace("resume")) {
            Held held = new Held(namespace, images, server, row.format(), row.volumeMode(), IMAGE_BYTES, DISK_BYTES);
            held.source.faults(Fault.of(Fault.Kind.GATE).afterTotalBytes(held.imageLength * row.percent() / 100));
            RunningImport running = held.apply();
            held.awaitHeldSource();

            String pids;
            try {
                pids = row.victim().kill(held);
            } finally {
                held.source.faults();
            }

            namespace.awaitPhase("disk", DataVolumePhase.SUCCEEDED);
            held.awaitRightBytes();
            Leftovers.assertNone(namespace, running.ref());
            long twice = Math.max(0, held.source.stats().bodyBytes() - held.imageLength);
            System.out.printf(
                    "resume-row | %s | %s | %s | %d %% | %s | %.1f | %.1f%n",
                    row.format(),
                    row.volumeMode(),
                    row.victim(),
                    row.percent(),
                    pids,
                    held.imageLength / (double) MIB,
                    twice / (double) MIB);
            if (canBeTakenUpAnywhere(row.format())) {
                assertThat(twice).as("bytes moved twice").isLessThanOrEqualTo(MOST_MOVED_TWICE);
            }
        }
    }

    /** One zstd frame cannot be taken up in its middle; the program says so, and fetches it again. */
    private static boolean canBeTakenUpAnywhere(String format) {
        return !format.endsWith(".zst");
    }

    static List<Row> rows() {
        List<Row> all = new ArrayList<>();
        for (String format : FORMATS) {
            for (String volumeMode : List.of("Filesystem", "Block")) {
                for (Victim victim :
                        List.of(Victim.TRANSFER_POD, Victim.WORKER, Victim.TEMPORAL, Victim.TRANSFER_POD_AND_WORKER)) {
                    for (int percent : new int[] {10, 50, 90}) {
                        all.add(new Row(format, volumeMode, victim, percent));
                    }
                }
            }
        }
        return Sample.of("DVFLOW_RESUME_ROWS", 3, all);
    }
}
