package io.dvflow.dataplane.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.dvflow.transfer.Mark;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Reading ahead changes when bytes are read, and nothing else. */
class AheadTest {

    private static final int SIZE = 30_000_001;

    private static byte[] bytes;

    private final AtomicInteger open = new AtomicInteger();
    private final AtomicLong fetched = new AtomicLong();

    @BeforeAll
    static void makeBytes() {
        bytes = new byte[SIZE];
        new Random(3).nextBytes(bytes);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 3, 64})
    void piecesComeInOrder(int connections) {
        try (SequentialReader reader = new FetchAhead(connection(SIZE), connections, 1234, SIZE)) {
            assertThat(reader.position()).isEqualTo(1234);
            assertThat(readToEnd(reader)).isEqualTo(Arrays.copyOfRange(bytes, 1234, SIZE));
            assertThat(reader.position()).isEqualTo(SIZE);
            assertThat(reader.mark()).isEqualTo(Mark.at(SIZE));
        }
        assertThat(open).hasValue(0);
        assertThat(fetched).hasValue(SIZE - 1234);
    }

    @Test
    void anEmptyRestNeedsNoConnection() {
        try (SequentialReader reader = new FetchAhead(connection(SIZE), 4, SIZE, SIZE)) {
            assertThat(readToEnd(reader)).isEmpty();
        }
    }

    @Test
    void aFailureIsToldAfterWhatCameBeforeIt() {
        try (SequentialReader reader = new FetchAhead(connection(20_000_000), 2, 0, SIZE)) {
            assertThatThrownBy(() -> readToEnd(reader)).hasMessageContaining("broken at");
        }
        assertThat(open).hasValue(0);
    }

    @Test
    void noMoreIsFetchedThanThereIsRoomFor() {
        try (SequentialReader reader = new FetchAhead(connection(SIZE), 4, 0, SIZE)) {
            assertThat(reader.read(ByteBuffer.allocate(1))).isEqualTo(1);
            // A server may have no more than one connection for us: nobody keeps one for nothing.
            await().until(() -> open.get() == 0);
            assertThat(fetched).as("for the first look").hasValue(2 << 20);

            ByteBuffer some = ByteBuffer.allocate(10 << 20);
            while (some.hasRemaining()) {
                reader.read(some);
            }
            await().until(() -> fetched.get() >= 26 << 20);
            await().until(() -> open.get() == 0);
            assertThat(fetched).as("with all buffers in use").hasValue(26 << 20);
            assertThat(readToEnd(reader)).hasSize(SIZE - 1 - (10 << 20));
        }
    }

    @Test
    void whoeverStopsReadingLeavesNothingBehind() {
        try (SequentialReader reader = new FetchAhead(connection(SIZE), 4, 0, SIZE)) {
            assertThat(reader.read(ByteBuffer.allocate(100))).isEqualTo(100);
        }
        assertThat(open).hasValue(0);
        SequentialRanges ranges = new SequentialRanges(connection(SIZE).get(), 0, SIZE);
        try (SequentialReader reader = new ReadAhead(ranges)) {
            assertThat(reader.read(ByteBuffer.allocate(100))).isEqualTo(100);
        }
        assertThat(open).hasValue(0);
    }

    @Test
    void aThreadOfItsOwnReadsTheSame() {
        SequentialRanges ranges = new SequentialRanges(connection(SIZE).get(), 99, SIZE);
        try (SequentialReader reader = new ReadAhead(ranges)) {
            assertThat(reader.position()).isEqualTo(99);
            assertThat(readToEnd(reader)).isEqualTo(Arrays.copyOfRange(bytes, 99, SIZE));
            assertThat(reader.position()).isEqualTo(SIZE);
        }
        assertThat(open).hasValue(0);
    }

    @Test
    void aMarkIsOfWhatHasBeenAskedForNotOfWhatIsReadAhead() {
        SequentialRanges ranges = new SequentialRanges(connection(SIZE).get(), 0, SIZE);
        try (SequentialReader reader = new ReadAhead(ranges)) {
            ByteBuffer into = ByteBuffer.allocate(100_000);
            while (reader.read(into.clear()) >= 0) {
                assertThat(reader.mark().position()).isBetween(reader.position() - (1 << 20), reader.position());
            }
        }
    }

    @Test
    void aFailureReachesWhoeverReadsAhead() {
        SequentialRanges ranges = new SequentialRanges(connection(5_000_000).get(), 0, SIZE);
        try (SequentialReader reader = new ReadAhead(ranges)) {
            ByteBuffer into = ByteBuffer.allocate(1 << 20);
            assertThatThrownBy(() -> {
                        while (reader.read(into.clear()) >= 0) {
                            // Until it breaks.
                        }
                    })
                    .hasMessage("broken at 5000000");
            assertThat(reader.position()).isEqualTo(5_000_000);
        }
    }

    private static byte[] readToEnd(SequentialReader reader) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        ByteBuffer into = ByteBuffer.allocate(777_777);
        for (int got = reader.read(into); got >= 0; got = reader.read(into.clear())) {
            all.write(into.array(), 0, got);
        }
        return all.toByteArray();
    }

    /** Connections that come in small pieces, at their own pace, and break at a place. */
    private Supplier<RangeReader> connection(int breaksAt) {
        return () -> {
            open.incrementAndGet();
            return new RangeReader() {
                private int position;
                private int end;

                @Override
                public void start(long from, long to) {
                    position = (int) from;
                    end = (int) to;
                }

                @Override
                public int read(ByteBuffer into) {
                    if (position == end) {
                        return -1;
                    }
                    if (position >= breaksAt) {
                        throw new IllegalStateException("broken at " + position);
                    }
                    int most = Math.min(100_000 + position % 7000, Math.min(end, breaksAt) - position);
                    int count = Math.min(into.remaining(), most);
                    into.put(bytes, position, count);
                    position += count;
                    fetched.addAndGet(count);
                    return count;
                }

                @Override
                public void close() {
                    open.decrementAndGet();
                }
            };
        };
    }
}
