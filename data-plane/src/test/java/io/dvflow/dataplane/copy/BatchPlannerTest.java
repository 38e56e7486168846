package io.dvflow.dataplane.copy;

import static java.util.Collections.nCopies;
import static org.assertj.core.api.Assertions.assertThat;

import io.dvflow.dataplane.image.Run;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class BatchPlannerTest {

    private static final long MIB = 1 << 20;
    private static final long LARGE = 1L << 40;

    private final FinishedRanges finished = new FinishedRanges();

    @Test
    void neighboursInTheSourceBecomeOneRequestInItsOrder() {
        Run.Data first = new Run.Data(0, MIB, 5 * MIB);
        Run.Data second = new Run.Data(MIB, MIB, 3 * MIB);
        Run.Data third = new Run.Data(2 * MIB, MIB, 4 * MIB);

        assertThat(plan(first, second, third))
                .containsExactly(new Batch.Extents(3 * MIB, 6 * MIB, List.of(second, third, first)));
    }

    @Test
    void aSmallGapIsReadThroughAndALargeOneIsNot() {
        Run.Data first = new Run.Data(0, MIB, 0);
        Run.Data near = new Run.Data(MIB, MIB, MIB + 4096);
        Run.Data far = new Run.Data(2 * MIB, MIB, 30 * MIB);

        assertThat(plan(first, near, far))
                .containsExactly(
                        new Batch.Extents(0, 2 * MIB + 4096, List.of(first, near)),
                        new Batch.Extents(30 * MIB, 31 * MIB, List.of(far)));
    }

    @Test
    void aLongRunIsCutAtRoundOffsets() {
        List<Batch> batches = plan(new Run.Data(MIB, 40 * MIB, 0));

        assertThat(batches)
                .extracting(batch -> ((Batch.Extents) batch).runs().getFirst().guest())
                .containsExactly(MIB, 16 * MIB, 32 * MIB);
    }

    @Test
    void requestsGetSmallerAsSoonAsThereAreNotTwoMoreForEachWorker() {
        assertThat(requests(256 * MIB, 8, new Run.Data(0, 256 * MIB, 0)))
                .isEqualTo(Stream.of(nCopies(1, 16 * MIB), nCopies(15, 8 * MIB), nCopies(30, 4 * MIB))
                        .flatMap(List::stream)
                        .toList());
    }

    /** The source holds little, the rest of the disk is empty. */
    @Test
    void requestsGetSmallerTowardsTheEndOfTheSource() {
        assertThat(requests(64 * MIB, 8, new Run.Data(0, 64 * MIB, 0), new Run.Zero(64 * MIB, LARGE)))
                .isEqualTo(nCopies(16, 4 * MIB));
    }

    /** Of the source much is left, since an earlier attempt has fetched it. */
    @Test
    void requestsGetSmallerTowardsTheEndOfTheDisk() {
        finished.add(0, 448 * MIB);

        assertThat(requests(512 * MIB, 8, new Run.Data(0, 512 * MIB, 0))).isEqualTo(nCopies(16, 4 * MIB));
    }

    @Test
    void aWorkerAloneFetchesAsMuchAsEverAtATime() {
        assertThat(requests(64 * MIB, 1, new Run.Data(0, 64 * MIB, 0))).isEqualTo(nCopies(4, 16 * MIB));
    }

    @Test
    void smallBlocksInARowAreOneRequestAndALargeOneIsItsOwn() {
        Run.Packed first = new Run.Packed(0, MIB, 12, 300_000);
        Run.Packed second = new Run.Packed(MIB, MIB, 300_012, 300_000);
        Run.Packed afterAnIndex = new Run.Packed(2 * MIB, MIB, 600_100, 300_000);
        Run.Packed large = new Run.Packed(3 * MIB, 24 * MIB, 900_100, 10 * MIB);

        assertThat(plan(first, second, afterAnIndex, large))
                .containsExactly(
                        new Batch.Packed(12, 900_100, List.of(first, second, afterAnIndex)),
                        new Batch.Packed(900_100, 900_100 + 10 * MIB, List.of(large)));
    }

    @Test
    void aBlockIsUnpackedWholeOrNotAtAll() {
        Run.Packed done = new Run.Packed(0, MIB, 12, 300_000);
        Run.Packed begun = new Run.Packed(MIB, MIB, 300_012, 300_000);
        finished.add(0, MIB + 4096);

        assertThat(plan(done, begun)).containsExactly(new Batch.Packed(300_012, 600_012, List.of(begun)));
    }

    @Test
    void whatIsFinishedIsNotPlannedAgain() {
        finished.add(2 * MIB, 3 * MIB);

        assertThat(plan(new Run.Data(0, 10 * MIB, 100 * MIB)))
                .containsExactly(
                        new Batch.Extents(100 * MIB, 102 * MIB, List.of(new Run.Data(0, 2 * MIB, 100 * MIB))),
                        new Batch.Extents(105 * MIB, 110 * MIB, List.of(new Run.Data(5 * MIB, 5 * MIB, 105 * MIB))));
    }

    @Test
    void twoRunsFromTheSamePlaceAreFetchedTwice() {
        Run.Data one = new Run.Data(0, MIB, 7 * MIB);
        Run.Data other = new Run.Data(MIB, MIB, 7 * MIB);

        assertThat(plan(one, other)).hasSize(2);
    }

    @Test
    void compressedClustersThatShareASectorGoTogether() {
        Run.Compressed first = new Run.Compressed(65536, 65536, 1000, 560);
        Run.Compressed second = new Run.Compressed(0, 65536, 1400, 136);

        assertThat(plan(first, second)).containsExactly(new Batch.Clusters(1000, 1560, List.of(second, first)));
    }

    @Test
    void plainClustersBetweenCompressedOnesComeAlong() {
        Run.Compressed first = new Run.Compressed(0, 65536, 0, 20000);
        Run.Data between = new Run.Data(65536, 65536, 65536);
        Run.Compressed last = new Run.Compressed(131072, 65536, 131072, 20000);

        assertThat(plan(first, between, last))
                .containsExactly(new Batch.Clusters(0, 151072, List.of(first, between, last)));
    }

    @Test
    void aLongRunBesideACompressedClusterIsNotHeldInMemory() {
        Run.Compressed compressed = new Run.Compressed(0, 65536, 0, 20000);
        Run.Data large = new Run.Data(65536, 8 * MIB, 65536);

        assertThat(plan(compressed, large))
                .containsExactly(
                        new Batch.Clusters(0, 20000, List.of(compressed)),
                        new Batch.Extents(65536, 65536 + 8 * MIB, List.of(large)));
    }

    /** Bytes of what is fetched of a source that is as long. */
    private List<Long> requests(long sourceBytes, int workers, Run... runs) {
        var work = new BatchPlanner.Work(runs[runs.length - 1].guestEnd(), sourceBytes, workers);
        return all(new BatchPlanner(List.of(runs).iterator(), finished, work)).stream()
                .filter(Batch.Extents.class::isInstance)
                .map(Batch.Extents.class::cast)
                .map(extents -> extents.hostTo() - extents.hostFrom())
                .toList();
    }

    private List<Batch> plan(Run... runs) {
        return all(new BatchPlanner(List.of(runs).iterator(), finished, new BatchPlanner.Work(LARGE, LARGE, 1)));
    }

    private static List<Batch> all(BatchPlanner planner) {
        List<Batch> all = new ArrayList<>();
        for (Optional<Batch> next = planner.next(); next.isPresent(); next = planner.next()) {
            all.add(next.get());
        }
        return all;
    }
}
