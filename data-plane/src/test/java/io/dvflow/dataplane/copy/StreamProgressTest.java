package io.dvflow.dataplane.copy;

import static org.assertj.core.api.Assertions.assertThat;

import io.dvflow.dataplane.report.Reporter;
import io.dvflow.dataplane.source.ImageSource;
import io.dvflow.dataplane.source.RangeReader;
import io.dvflow.dataplane.source.SequentialReader;
import io.dvflow.transfer.Mark;
import io.dvflow.transfer.ResumeMap.SourcePin;
import io.dvflow.transfer.TransferReport;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class StreamProgressTest {

    private static final long MIB = 1 << 20;
    private static final long PACKED = 1000 * MIB;

    private final List<TransferReport> said = new ArrayList<>();
    private final Ledger ledger = new Ledger(Optional.empty());

    @Test
    void onceMuchIsFetchedWithoutAPlaceToGoOnFromThatIsSaidWithAWayOut() {
        Packed source = new Packed(true, PACKED, -1);
        StreamProgress progress = progress(source, Optional.empty());

        source.fetched = 64 * MIB - 1;
        progress.tick();
        assertThat(said).isEmpty();

        source.fetched = 70 * MIB;
        progress.tick();
        assertThat(said)
                .containsExactly(
                        note("The source can be taken up only where one of its blocks or frames begins, and none"
                                + " has for 73400320 bytes: after an interruption these and what follows are fetched again."
                                + " Packed with xz -T0 it would have shorter ones"));
    }

    @Test
    void ofAServerWithoutRangesItIsSaidThatAllIsFetchedAgain() {
        Packed source = new Packed(false, PACKED, -1);
        StreamProgress progress = progress(source, Optional.empty());
        // Of the stream something could be kept, but of the source nothing can be left out.
        ledger.canBeTakenUpAt(new Mark(200 * MIB, Map.of(), Optional.of(Mark.at(0))));

        source.fetched = 64 * MIB;
        progress.tick();
        assertThat(said)
                .containsExactly(
                        note("The server answers no range requests: after an interruption all bytes are fetched"
                                + " again, 67108864 so far"));
    }

    @Test
    void itIsSaidOnce() {
        Packed source = new Packed(true, PACKED, -1);
        StreamProgress progress = progress(source, Optional.empty());
        for (source.fetched = 64 * MIB; source.fetched <= PACKED; source.fetched += 64 * MIB) {
            progress.tick();
        }

        assertThat(said).hasSize(1);
    }

    @Test
    void whereMarksFollowCloselyThereIsNothingToSay() {
        Packed source = new Packed(true, PACKED, -1);
        StreamProgress progress = progress(source, Optional.empty());
        for (source.fetched = 0; source.fetched <= PACKED; source.fetched += 60 * MIB) {
            progress.tick();
            ledger.canBeTakenUpAt(new Mark(3 * source.fetched, Map.of(), Optional.of(Mark.at(source.fetched))));
        }

        assertThat(said).isEmpty();
    }

    @Test
    void whatAnEarlierAttemptFetchedCountsUpToItsMarkOnly() {
        Packed source = new Packed(true, PACKED, -1);
        source.fetched = MIB;
        Mark mark = new Mark(900 * MIB, Map.of(), Optional.of(Mark.at(300 * MIB)));
        ledger.canBeTakenUpAt(mark);
        StreamProgress progress = progress(source, Optional.of(mark));

        source.fetched += 64 * MIB - 1;
        progress.tick();
        assertThat(said).isEmpty();

        source.fetched += 1;
        progress.tick();
        assertThat(said).singleElement().asString().contains("none has for 67108864 bytes");
    }

    @Test
    void theSizeIsWhatIsDoneDividedByTheShareOfTheSourceThatIsFetched() {
        Packed source = new Packed(true, PACKED, 20 * MIB);
        StreamProgress progress = progress(source, Optional.empty());
        assertThat(progress.size()).as("before anything is fetched").isZero();

        source.fetched = PACKED / 4;
        ledger.written(0, 600 * MIB);
        assertThat(progress.size()).isEqualTo(2400 * MIB);
        assertThat(progress.done()).isEqualTo(600 * MIB);

        source.fetched = PACKED + MIB;
        assertThat(progress.size()).as("when more was fetched than there is").isEqualTo(600 * MIB);
    }

    @Test
    void theSizeIsNeverLessThanWhatTheSourceHasForCertain() {
        Packed source = new Packed(true, PACKED, 2000 * MIB);
        StreamProgress progress = progress(source, Optional.empty());
        source.fetched = PACKED / 2;
        ledger.written(0, 600 * MIB);

        assertThat(progress.size()).isEqualTo(2000 * MIB);
    }

    @Test
    void theSizeIsUnknownAsLongAsNobodyKnowsHowMuchThereIsToFetch() {
        Packed source = new Packed(false, -1, 20 * MIB);
        StreamProgress progress = progress(source, Optional.empty());
        source.fetched = 100 * MIB;
        ledger.written(0, 600 * MIB);

        assertThat(progress.size()).isZero();
    }

    private StreamProgress progress(ImageSource source, Optional<Mark> from) {
        return new StreamProgress(source, ledger, from, new Reporter(said::add));
    }

    private static TransferReport note(String text) {
        return new TransferReport.Note(TransferReport.Note.Level.INFO, text);
    }

    /** A packed source that counts. */
    private static final class Packed implements ImageSource {
        private final Facts facts;
        private long fetched;

        Packed(boolean seekable, long length, long leastUnpacked) {
            facts = new Facts(
                    new SourcePin("http://h/disk.xz", length, Optional.empty(), Optional.empty()),
                    seekable,
                    new byte[0],
                    Optional.empty(),
                    -1,
                    leastUnpacked);
        }

        @Override
        public Facts facts() {
            return facts;
        }

        @Override
        public long fetchedBytes() {
            return fetched;
        }

        @Override
        public RangeReader ranges() {
            throw new IllegalStateException("Nothing is read");
        }

        @Override
        public SequentialReader inOrder(Optional<Mark> from) {
            throw new IllegalStateException("Nothing is read");
        }
    }
}
