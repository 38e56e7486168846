package io.dvflow.workflows.transfer;

import static org.assertj.core.api.Assertions.assertThat;

import io.dvflow.transfer.Mark;
import io.dvflow.transfer.ResumeMap;
import io.dvflow.transfer.ResumeMap.ByteRange;
import io.dvflow.transfer.ResumeMap.SourcePin;
import io.dvflow.transfer.TransferPhase;
import io.dvflow.transfer.TransferReport;
import io.dvflow.workflows.OperationDataConverter;
import io.dvflow.workflows.claim.ScratchSpace;
import io.temporal.api.common.v1.Payload;
import java.util.Map;
import java.util.Optional;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class TransferHeartbeatTest {

    private static final long MIB = 1 << 20;
    private static final long DISK = 16L << 40;
    /** Temporal warns of what is twice as long, and refuses what is sixteen times. */
    private static final int LONGEST = 128 << 10;
    /** As long as that of a gzip stream gets, with the last 32 KiB that it has unpacked. */
    private static final int LONGEST_MARK = 46_000;

    /** A disk of 16 TiB, in as many pieces as a transfer reports, at the end of it, where numbers are long. */
    private static final ResumeMap LARGEST = new ResumeMap(
            new SourcePin(
                    "https://images.example.com/" + "d".repeat(1000),
                    DISK,
                    Optional.of("\"" + "v".repeat(200) + "\""),
                    Optional.of("Wed, 21 Oct 2026 07:28:00 GMT")),
            LongStream.rangeClosed(1, ResumeMap.MOST_RANGES)
                    .mapToObj(i -> new ByteRange(DISK - (ResumeMap.MOST_RANGES + 1 - i) * 2 * MIB, MIB))
                    .toList(),
            Optional.of(new Mark(DISK, Map.of("window", "w".repeat(LONGEST_MARK)), Optional.of(Mark.at(DISK / 2)))));

    @Test
    void isShortAndComesBackWholeHoweverLargeTheDisk() {
        TransferHeartbeat heartbeat = new TransferHeartbeat(
                "importer-fedora",
                "0b5b1bd2-0000-0000-0000-000000000000",
                "copying",
                Optional.of(new TransferReport.Progress(
                        TransferPhase.COPY, DISK, DISK - 1, DISK - 1, DISK - 1, DISK - 1, 1L << 40, 3600)),
                new TransferProgress(3, Optional.of(LARGEST), Optional.of(new ScratchSpace("fedora-scratch", DISK))));

        Payload payload = OperationDataConverter.create().toPayload(heartbeat).orElseThrow();

        assertThat(payload.getSerializedSize()).isLessThan(LONGEST);
        assertThat(OperationDataConverter.create()
                        .fromPayload(payload, TransferHeartbeat.class, TransferHeartbeat.class))
                .isEqualTo(heartbeat);
    }
}
