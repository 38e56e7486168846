package io.dvflow.dataplane.copy;

import static org.assertj.core.api.Assertions.assertThat;

import io.dvflow.dataplane.image.Run;
import io.dvflow.transfer.Mark;
import io.dvflow.transfer.ResumeMap;
import io.dvflow.transfer.ResumeMap.ByteRange;
import io.dvflow.transfer.ResumeMap.SourcePin;
import io.dvflow.transfer.TransferJson;
import io.dvflow.transfer.TransferReport;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Of a disk of 16 TiB, too, a report is short, and what it has no room for is little. */
class LargeDiskTest {

    private static final long KIB = 1 << 10;
    private static final long MIB = 1 << 20;
    private static final long GIB = 1 << 30;
    private static final long DISK = 16L << 40;
    private static final int LONGEST_REPORT = 128 << 10;
    /** No mark of a gzip stream, with the last 32 KiB that it has unpacked, is longer: see UnpackingTest. */
    private static final int LONGEST_MARK = 46_000;

    private static final int WORKERS = 8;
    private static final SourcePin PIN =
            new SourcePin("http://images/disk.img.gz", DISK, Optional.of("\"v1\""), Optional.empty());

    @Test
    void aReportIsShortHoweverManyPiecesAreInPlaceAndWhateverAMarkHolds() {
        Ledger ledger = new Ledger(Optional.empty());
        for (long at = DISK - 64 * GIB; at < DISK; at += 2 * MIB) {
            ledger.written(at, MIB);
        }
        ledger.canBeTakenUpAt(
                new Mark(DISK, Map.of("window", "w".repeat(LONGEST_MARK)), Optional.of(Mark.at(DISK / 2))));

        ResumeMap map = ledger.beginFlush(PIN);

        assertThat(map.finished()).hasSize(ResumeMap.MOST_RANGES);
        assertThat(TransferJson.write(new TransferReport.Durable(map))).hasSizeLessThan(LONGEST_REPORT);
    }

    /** What lies next to each other on the disk lies far apart in the source, and between all of it are zeros. */
    @ParameterizedTest
    @ValueSource(longs = {64 * MIB, GIB, 16 * GIB, 256 * GIB})
    void littleOfAThinDiskIsDoneTwice(long apart) {
        long pieces = DISK / apart;
        Stream<Run> runs = LongStream.range(0, pieces).boxed().flatMap(i -> {
            long host = (i / 2 + i % 2 * (pieces / 2)) * 64 * KIB;
            return Stream.of(
                    new Run.Data(i * apart, 64 * KIB, host), new Run.Zero(i * apart + 64 * KIB, apart - 64 * KIB));
        });

        assertThat(mostDoneTwice(runs.iterator(), List.of())).isLessThan(DISK / 100);
    }

    @Test
    void littleOfAFullDiskIsDoneTwice() {
        long length = 16 * MIB;
        Stream<Run> runs =
                LongStream.range(0, DISK / length).mapToObj(i -> new Run.Data(i * length, length, (i ^ 1) * length));

        assertThat(mostDoneTwice(runs.iterator(), List.of())).isLessThan(DISK / 100);
    }

    /** All that stays as it is comes in pieces larger than the first that changed. */
    @Test
    void littleOfADeltaIsDoneTwice() {
        long changed = 62 * GIB;
        List<Run> runs = new ArrayList<>(List.of(new Run.Data(0, changed, 0)));
        List<ByteRange> unchanged = new ArrayList<>();
        for (long at = changed; at < DISK - 64 * GIB; at += 63 * GIB + MIB) {
            unchanged.add(new ByteRange(at, 63 * GIB));
            runs.add(new Run.Data(at + 63 * GIB, MIB, at + 63 * GIB));
        }

        assertThat(mostDoneTwice(runs.iterator(), unchanged)).isLessThan(DISK / 100);
    }

    /**
     * Bytes that a restart would have to do again, at the worst moment of a copy in which all workers but one hang with what
     * they got, each in another part of the disk.
     */
    private static long mostDoneTwice(Iterator<Run> runs, List<ByteRange> unchanged) {
        Ledger ledger = new Ledger(Optional.empty());
        ledger.unchanged(unchanged);
        BatchPlanner planner = new BatchPlanner(runs, ledger.finished(), new BatchPlanner.Work(DISK, DISK, WORKERS));
        long most = 0;
        int hanging = 0;
        int given = 0;
        for (Optional<Batch> next = planner.next(); next.isPresent(); next = planner.next()) {
            boolean hangs = hanging < WORKERS - 1
                    && next.get() instanceof Batch.Extents extents
                    && extents.runs().getFirst().guest() >= hanging * (DISK / WORKERS);
            if (hangs) {
                hanging++;
            } else {
                finish(next.get(), ledger);
            }
            if (given++ % 64 == 0) {
                most = Math.max(most, ledger.doneBytes() - afterRestart(ledger, unchanged));
            }
        }
        assertThat(hanging).isEqualTo(WORKERS - 1);
        return most;
    }

    private static long afterRestart(Ledger ledger, List<ByteRange> unchanged) {
        Ledger again = new Ledger(Optional.of(ledger.beginFlush(PIN)));
        again.unchanged(unchanged);
        return again.doneBytes();
    }

    private static void finish(Batch batch, Ledger ledger) {
        switch (batch) {
            case Batch.Zeros zeros -> ledger.skipped(zeros.guest(), zeros.length());
            case Batch.Extents extents -> extents.runs().forEach(run -> ledger.written(run.guest(), run.length()));
            case Batch.Clusters _, Batch.Packed _ -> throw new IllegalArgumentException("Not of a raw disk: " + batch);
        }
    }
}
