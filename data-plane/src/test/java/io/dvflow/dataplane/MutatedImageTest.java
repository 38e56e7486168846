package io.dvflow.dataplane;

import static org.assertj.core.api.Assertions.assertThat;

import io.dvflow.dataplane.MutatedImages.Kind;
import io.dvflow.dataplane.image.DiskImage;
import io.dvflow.dataplane.image.Run;
import io.dvflow.dataplane.report.TransferFailure;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Real images with bits flipped where their formats keep headers and tables, hundreds of each: what is made of them is
 * the map of a disk or a refusal, never anything else, and it comes to an end.
 */
@Timeout(120)
class MutatedImageTest {

    private static final int MUTATIONS = 200;

    @TempDir
    static Path directory;

    private static MutatedImages images;

    @BeforeAll
    static void makeDisk() throws IOException {
        images = new MutatedImages(directory);
    }

    static Stream<Kind> kinds() {
        return MutatedImages.kinds();
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void endsInAMapOrARefusal(Kind kind) throws IOException {
        byte[] good = images.good(kind);
        assertIsAMap(new MemorySource(good).open(), good.length);
        int refused = 0;
        for (int seed = 0; seed < MUTATIONS; seed++) {
            byte[] image = MutatedImages.mutate(good, kind, seed);
            try {
                assertIsAMap(new MemorySource(image).open(), image.length);
            } catch (TransferFailure e) {
                refused++;
            } catch (RuntimeException e) {
                throw new AssertionError("Mutation " + seed + " ended in neither", e);
            }
        }
        assertThat(refused).as("the flips hit something").isPositive();
    }

    /** Ascending, without gaps, each run inside the file and the disk. */
    private static void assertIsAMap(DiskImage image, long fileLength) {
        long position = 0;
        Iterator<Run> runs = image.runs((guest, length) -> false);
        while (runs.hasNext()) {
            Run run = runs.next();
            assertThat(run.guest()).isEqualTo(position);
            assertThat(run.length()).isPositive();
            position = run.guestEnd();
            switch (run) {
                case Run.Packed _ -> throw new AssertionError("No disk format packs its blocks: " + run);
                case Run.Zero zero -> assertThat(zero.length()).isPositive();
                case Run.Data data -> assertInside(data.host(), data.length(), fileLength);
                case Run.Compressed compressed -> assertInside(compressed.host(), compressed.hostLength(), fileLength);
            }
        }
        assertThat(position).isEqualTo(image.virtualSize());
    }

    private static void assertInside(long host, long length, long fileLength) {
        assertThat(host).isNotNegative();
        assertThat(length).isPositive().isLessThanOrEqualTo(fileLength - host);
    }
}
