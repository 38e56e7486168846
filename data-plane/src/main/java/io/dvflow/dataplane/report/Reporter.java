package io.dvflow.dataplane.report;

import io.dvflow.transfer.ResumeMap;
import io.dvflow.transfer.TransferJson;
import io.dvflow.transfer.TransferReport;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;

/** The one way a transfer speaks while it runs. Safe for use by many threads. */
public final class Reporter {

    private final Consumer<TransferReport> sink;

    public Reporter(Consumer<TransferReport> sink) {
        this.sink = sink;
    }

    /** One JSON line a report on standard output. */
    public static Reporter toStandardOutput() {
        PrintStream out = new PrintStream(new FileOutputStream(FileDescriptor.out), false, StandardCharsets.UTF_8);
        return new Reporter(report -> {
            out.print(TransferJson.write(report) + "\n");
            out.flush();
        });
    }

    /** One that tells somebody else too. */
    public Reporter and(Consumer<TransferReport> other) {
        return new Reporter(sink.andThen(other));
    }

    public void info(String text) {
        report(new TransferReport.Note(TransferReport.Note.Level.INFO, text));
    }

    public void warning(String text) {
        report(new TransferReport.Note(TransferReport.Note.Level.WARNING, text));
    }

    public void durable(ResumeMap map) {
        report(new TransferReport.Durable(map));
    }

    public synchronized void report(TransferReport report) {
        sink.accept(report);
    }
}
