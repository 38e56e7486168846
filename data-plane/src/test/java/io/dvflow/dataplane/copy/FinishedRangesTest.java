package io.dvflow.dataplane.copy;

import static org.assertj.core.api.Assertions.assertThat;

import io.dvflow.transfer.ResumeMap.ByteRange;
import java.util.BitSet;
import java.util.Random;
import org.junit.jupiter.api.Test;

class FinishedRangesTest {

    private final FinishedRanges ranges = new FinishedRanges();

    @Test
    void joinsWhatTouchesOrOverlaps() {
        ranges.add(0, 10);
        ranges.add(20, 10);
        ranges.add(10, 10);
        ranges.add(25, 15);

        assertThat(ranges.snapshot(10)).containsExactly(new ByteRange(0, 40));
        assertThat(ranges.bytes()).isEqualTo(40);
    }

    @Test
    void findsWhatIsMissing() {
        ranges.add(10, 10);

        assertThat(ranges.firstMissing(0, 30)).isEqualTo(new ByteRange(0, 10));
        assertThat(ranges.firstMissing(12, 30)).isEqualTo(new ByteRange(20, 22));
        assertThat(ranges.firstMissing(10, 10)).isNull();
        assertThat(ranges.covers(11, 9)).isTrue();
        assertThat(ranges.covers(11, 10)).isFalse();
    }

    @Test
    void keepsTheLargestWhenThereIsNoRoomForAll() {
        ranges.add(0, 1);
        ranges.add(10, 5);
        ranges.add(20, 7);

        assertThat(ranges.snapshot(2)).containsExactly(new ByteRange(10, 5), new ByteRange(20, 7));
    }

    @Test
    void countsAsASetOfBitsDoes() {
        Random random = new Random(4);
        BitSet bits = new BitSet();
        for (int i = 0; i < 2000; i++) {
            int offset = random.nextInt(5000);
            int length = 1 + random.nextInt(20);
            ranges.add(offset, length);
            bits.set(offset, offset + length);
            assertThat(ranges.bytes()).isEqualTo(bits.cardinality());
            assertThat(ranges.covers(offset + 5, 10)).isEqualTo(bits.nextClearBit(offset + 5) >= offset + 15);
        }
    }
}
