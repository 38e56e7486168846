package io.dvflow.dataplane.copy;

import static org.assertj.core.api.Assertions.assertThat;

import io.dvflow.dataplane.image.ClusterDecoder;
import io.dvflow.dataplane.image.DiskImage;
import io.dvflow.dataplane.image.Run;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What an image has stored can be written while the source passes once, unless it lies there in too wild an order. */
class OrderedRunsTest {

    private static final int KIB = 1 << 10;

    @Test
    void areSortedByTheirPlaceInTheSource() {
        Run.Data first = new Run.Data(128 * KIB, 64 * KIB, 64 * KIB);
        Run.Data second = new Run.Data(0, 64 * KIB, 128 * KIB);

        assertThat(ordered(second, new Run.Zero(64 * KIB, 64 * KIB), first)).contains(List.of(first, second));
    }

    @Test
    void mayShareASectorIfTheyAreCompressed() {
        Run.Compressed first = new Run.Compressed(64 * KIB, 64 * KIB, 1000, 1024);
        Run.Compressed second = new Run.Compressed(0, 64 * KIB, 1900, 1024);

        assertThat(ordered(first, second)).contains(List.of(first, second));
        assertThat(ordered(second, first)).contains(List.of(first, second));
    }

    @Test
    void cannotBeOrderedIfTheyShareData() {
        assertThat(ordered(new Run.Data(0, 64 * KIB, 0), new Run.Data(64 * KIB, 64 * KIB, 32 * KIB)))
                .isEmpty();
        assertThat(ordered(new Run.Data(0, 64 * KIB, 64 * KIB), new Run.Data(64 * KIB, 64 * KIB, 64 * KIB)))
                .isEmpty();
    }

    @Test
    void mayBeAnyNumberIfTheyAreInOrder() {
        assertThat(OrderedRuns.of(image(() -> many(OrderedRuns.MOST_SORTED + 10L, false))))
                .isPresent();
        assertThat(OrderedRuns.of(image(() -> many(OrderedRuns.MOST_SORTED, true))))
                .isPresent();
        assertThat(OrderedRuns.of(image(() -> many(OrderedRuns.MOST_SORTED + 1L, true))))
                .isEmpty();
    }

    private static Stream<Run> many(long count, boolean backwards) {
        return LongStream.range(0, count)
                .mapToObj(i -> new Run.Data(i * 4096, 4096, (backwards ? count - i : i) * 4096));
    }

    private static Optional<List<Run.Stored>> ordered(Run... runs) {
        return OrderedRuns.of(image(() -> Stream.of(runs))).map(ordered -> {
            List<Run.Stored> all = new ArrayList<>();
            ordered.iterator().forEachRemaining(all::add);
            return all;
        });
    }

    private interface Runs {
        Stream<Run> all();
    }

    private static DiskImage image(Runs runs) {
        return new DiskImage() {
            @Override
            public String format() {
                return "test";
            }

            @Override
            public long virtualSize() {
                return Long.MAX_VALUE;
            }

            @Override
            public long granularity() {
                return 4096;
            }

            @Override
            public Iterator<Run> runs(Known known) {
                return runs.all().iterator();
            }

            @Override
            public ClusterDecoder newDecoder() {
                throw new UnsupportedOperationException();
            }
        };
    }
}
