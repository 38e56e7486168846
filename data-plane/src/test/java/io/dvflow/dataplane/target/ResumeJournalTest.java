package io.dvflow.dataplane.target;

import static org.assertj.core.api.Assertions.assertThat;

import io.dvflow.dataplane.target.ResumeJournal.Entry;
import io.dvflow.transfer.ResumeMap;
import io.dvflow.transfer.ResumeMap.SourcePin;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ResumeJournalTest {
    private static final Entry ENTRY = new Entry(
            "uid",
            4096,
            4096,
            new ResumeMap(new SourcePin("http://h/disk", 4096, Optional.of("\"v1\""), Optional.empty()), List.of()));

    @TempDir
    Path volume;

    @Test
    void whatIsWrittenIsRead() throws IOException {
        ResumeJournal journal = new ResumeJournal(volume);

        assertThat(journal.read()).isEmpty();
        journal.write(ENTRY);
        assertThat(journal.read()).contains(ENTRY);
    }

    /** Whatever somebody else has left there: the disk beside it is not known, and the import begins anew. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "null",
                "{}",
                "{\"operationId\":\"uid\",\"map\":{\"finished\":[]}}",
                "{\"operationId\":\"uid\",\"map\":{\"finished\":[null]}}",
                "{\"operationId\":\"uid\",\"map\":{\"source\":{},\"finished\":[{\"offset\":-1,\"length\":-1}]}}",
                "{\"operationId\":\"uid\",\"map\":{\"source\":{},\"finished\":[],\"stream\":{\"position\":-1}}}",
                "{\"operationId\":\"\u00ff",
                "\u0000\u00fe"
            })
    void whatCannotBeReadIsNoJournal(String text) throws IOException {
        Files.write(volume.resolve(ResumeJournal.NAME), text.getBytes(StandardCharsets.ISO_8859_1));

        assertThat(new ResumeJournal(volume).read()).isEmpty();
    }
}
