package io.dvflow.transfer;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class KeptLogTest {
    private static final String LONG = "x".repeat(10_000);

    @Test
    void aLongNoteStaysANote() {
        String kept =
                KeptLog.shortened(TransferJson.write(new TransferReport.Note(TransferReport.Note.Level.INFO, LONG)));

        assertThat(TransferJson.readReport(kept).orElseThrow())
                .isInstanceOfSatisfying(
                        TransferReport.Note.class,
                        note -> assertThat(note.text())
                                .hasSize(KeptLog.LONGEST_TEXT + 3)
                                .endsWith("..."));
    }

    @Test
    void whateverAPodWritesItIsBounded() {
        KeptLog kept = new KeptLog("importer-fedora", 1, Collections.nCopies(100, KeptLog.shortened(LONG)))
                .ending(Optional.of(LONG));

        assertThat(TransferJson.write(kept)).hasSizeLessThan(10_000);
        assertThat(kept.lines()).hasSize(KeptLog.MOST_LINES);
    }

    @Test
    void theLastLinesAreKept() {
        assertThat(new KeptLog("importer-fedora", 1, numbered(25)).lines())
                .startsWith("line 5")
                .endsWith("line 24");
    }

    @Test
    void whatIsReadIsWhatWasWritten() {
        KeptLog kept = new KeptLog("importer-fedora", 2, List.of("a", "b")).ending(Optional.of("killed"));

        assertThat(TransferJson.readKeptLog(TransferJson.write(kept))).contains(kept);
        assertThat(TransferJson.readKeptLog("{\"lines\":17}")).isEmpty();
    }

    private static List<String> numbered(int count) {
        return IntStream.range(0, count).mapToObj(n -> "line " + n).toList();
    }
}
