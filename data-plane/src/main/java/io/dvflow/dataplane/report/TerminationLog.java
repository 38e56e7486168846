package io.dvflow.dataplane.report;

import io.dvflow.transfer.TransferJson;
import io.dvflow.transfer.TransferOutcome;
import io.dvflow.transfer.TransferOutcome.Failed;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** The file that the kubelet turns into the container's termination message. */
public final class TerminationLog {

    /** The kubelet cuts what is longer, and a cut JSON is none. */
    static final int MAX_BYTES = 4096;

    private final Path file;

    public TerminationLog(Path file) {
        this.file = file;
    }

    public void write(TransferOutcome outcome) throws IOException {
        Files.write(file, fitted(outcome));
    }

    private static byte[] fitted(TransferOutcome outcome) {
        byte[] json = TransferJson.write(outcome).getBytes(StandardCharsets.UTF_8);
        if (json.length <= MAX_BYTES || !(outcome instanceof Failed failed)) {
            return json;
        }
        int keep = failed.message().length();
        while (json.length > MAX_BYTES) {
            keep /= 2;
            String cut = failed.message().substring(0, keep) + "...";
            json = TransferJson.write(new Failed(
                            failed.errorClass(),
                            failed.reason(),
                            cut,
                            failed.retryAfterSeconds(),
                            failed.scratchBytes(),
                            List.of()))
                    .getBytes(StandardCharsets.UTF_8);
        }
        return json;
    }
}
