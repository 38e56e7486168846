package io.dvflow.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.dvflow.api.v1beta1.DataVolume;
import io.dvflow.api.v1beta1.DataVolumePhase;
import io.dvflow.e2e.WebServers.Way;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.condition.EnabledIfEnvironmentVariable;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every format in every compression becomes, on both kinds of volume, what qemu-img makes of it; so it does from servers that
 * want to be asked in their own way. {@code DVFLOW_FORMAT_ROWS} says how many rows, picked by {@code DVFLOW_KILL_SEED}, or is a
 * pattern of rows, or {@code all}; {@code bench/format-matrix} runs them all and writes the table down.
 */
@EnabledIfEnvironmentVariable(named = "DVFLOW_E2E", matches = "1")
class FormatMatrixTest {

    private static final long MIB = 1 << 20;
    private static final long SEED = 13;
    /** Fewer than a worker follows at once, and than a node of two processors has room for. */
    private static final int TOGETHER = 8;

    private static final List<String> VOLUME_MODES = List.of("Filesystem", "Block");
    private static final List<String> COMPRESSIONS = List.of("", ".gz", ".xz", ".zst");
    private static final List<String> FORMATS = List.of(
            "raw",
            "iso",
            "qcow",
            "qcow2-v2",
            "qcow2",
            "qcow2-zlib",
            "qcow2-zstd",
            "qcow2-extended",
            "vmdk",
            "vmdk-stream",
            "vdi",
            "vhd",
            "vhd-fixed",
            "vhdx");

    @TempDir
    static Path directory;

    private static SourceImages images;
    private static WebServers servers;

    @BeforeAll
    static void startServers() throws IOException {
        images = new SourceImages(Files.createDirectory(directory.resolve("images")));
        servers = new WebServers(directory);
    }

    @AfterAll
    static void stopServing() {
        servers.close();
    }

    /** The disk in an image, and the volume that it goes to. */
    enum Size {
        /** No multiple of any cluster. */
        SMALL(24 * MIB + 512, 32 * MIB),
        /** An eighth of it is data. */
        LARGE(8192 * MIB, 8192 * MIB);

        private final long imageBytes;
        private final long volumeBytes;

        Size(long imageBytes, long volumeBytes) {
            this.imageBytes = imageBytes;
            this.volumeBytes = volumeBytes;
        }
    }

    /** @param format as {@link SourceImages#make} takes it */
    record Row(Way way, String format, String volumeMode, Size size) {}

    /** Rows that are under way together. */
    record Batch(List<Row> rows) {

        @Override
        public String toString() {
            return rows.getFirst() + " and " + (rows.size() - 1) + " more";
        }
    }

    /** An import and what it is a row of. */
    private record Case(Row row, TestNamespace namespace, Served served, Path expected) {

        Volume volume() {
            return new Volume(namespace.name(), "disk", row.volumeMode().equals("Block"));
        }
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("batches")
    void becomesWhatQemuMakesOfIt(Batch batch) {
        List<TestNamespace> namespaces = new ArrayList<>();
        try {
            List<Case> cases = new ArrayList<>();
            for (Row row : batch.rows()) {
                TestNamespace namespace = new TestNamespace("format");
                namespaces.add(namespace);
                cases.add(start(row, namespace));
            }
            SoftAssertions softly = new SoftAssertions();
            for (Case each : cases) {
                softly.assertThatCode(() -> check(each))
                        .as(each.row().toString())
                        .doesNotThrowAnyException();
            }
            softly.assertAll();
        } finally {
            namespaces.forEach(TestNamespace::delete);
            namespaces.forEach(TestNamespace::close);
        }
    }

    private static Case start(Row row, TestNamespace namespace) {
        Size size = row.size();
        Served served = servers.serve(row.way(), images.make(row.format(), size.imageBytes, SEED));
        Path expected = images.expected(row.format(), size.imageBytes, SEED, size.volumeBytes);
        servers.letIn(namespace, row.way());
        namespace.apply(Manifests.of(
                "disk", served.manifestSource(), "csi-immediate", row.volumeMode(), size.volumeBytes, Map.of()));
        Case started = new Case(row, namespace, served, expected);
        // Its pod waits until the claim is bound.
        started.volume().startReader(images.directory(), expected.getFileName().toString());
        return started;
    }

    private static void check(Case each) {
        Row row = each.row();
        DataVolume imported = each.namespace().awaitPhase("disk", DataVolumePhase.SUCCEEDED);
        each.volume().awaitSame(row.size().volumeBytes);
        assertThat(imported.getStatus().restartCount()).as("restarts").isZero();
        Leftovers.assertNone(each.namespace(), TestNamespace.refOf(imported));
        String[] parts = (row.format() + ".plain").split("\\.");
        System.out.printf(
                "format-row | %s | %d MiB | %s | %s | %s | %.1f of %.1f%s%n",
                row.way(),
                row.size().imageBytes / MIB,
                row.volumeMode(),
                parts[0],
                parts[1],
                each.served().tap().passed() / (double) MIB,
                each.served().length() / (double) MIB,
                tookScratchSpace(each.namespace()) ? ", scratch" : "");
    }

    private static boolean tookScratchSpace(TestNamespace namespace) {
        return TestCluster.get().kubernetes().v1().events().inNamespace(namespace.name()).list().getItems().stream()
                .anyMatch(event -> "CreatingScratchSpace".equals(event.getReason()));
    }

    static List<Batch> batches() {
        List<Row> rows = Sample.of("DVFLOW_FORMAT_ROWS", 6, all());
        assertThat(rows).as("rows of DVFLOW_FORMAT_ROWS").isNotEmpty();
        List<Batch> batches = new ArrayList<>();
        for (int from = 0; from < rows.size(); from += TOGETHER) {
            batches.add(new Batch(rows.subList(from, Math.min(from + TOGETHER, rows.size()))));
        }
        return batches;
    }

    private static List<Row> all() {
        List<Row> all = new ArrayList<>();
        for (String format : FORMATS) {
            for (String compression : COMPRESSIONS) {
                VOLUME_MODES.forEach(mode -> all.add(new Row(Way.PLAIN, format + compression, mode, Size.SMALL)));
            }
        }
        for (Way way : List.of(Way.WITHOUT_RANGES, Way.PRIVATE_CA, Way.LOGIN)) {
            all.add(new Row(way, "qcow2", "Filesystem", Size.SMALL));
            all.add(new Row(way, "raw.xz", "Block", Size.SMALL));
        }
        all.add(new Row(Way.PLAIN, "qcow2", "Filesystem", Size.LARGE));
        return all;
    }
}
