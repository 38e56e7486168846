package io.dvflow.dataplane.report;

import static org.assertj.core.api.Assertions.assertThat;

import io.dvflow.transfer.ErrorClass;
import io.dvflow.transfer.FailureReason;
import io.dvflow.transfer.TransferJson;
import io.dvflow.transfer.TransferOutcome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TerminationLogTest {

    @TempDir
    Path directory;

    @Test
    void aLongMessageIsCutSoThatTheJsonIsNot() throws IOException {
        Path file = directory.resolve("log");
        var failed = new TransferOutcome.Failed(
                ErrorClass.NEEDS_CHANGE, FailureReason.CERTIFICATE, "ü\"".repeat(3000), Optional.of(5L), List.of());

        new TerminationLog(file).write(failed);

        assertThat(Files.size(file)).isLessThanOrEqualTo(TerminationLog.MAX_BYTES);
        assertThat(TransferJson.readOutcome(Files.readString(file)))
                .get()
                .isInstanceOfSatisfying(TransferOutcome.Failed.class, read -> {
                    assertThat(read.reason()).isEqualTo(FailureReason.CERTIFICATE);
                    assertThat(read.retryAfterSeconds()).contains(5L);
                    assertThat(read.message()).endsWith("...");
                });
    }
}
