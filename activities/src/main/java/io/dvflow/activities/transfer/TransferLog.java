package io.dvflow.activities.transfer;

import io.dvflow.transfer.KeptLog;
import io.dvflow.transfer.ResumeMap;
import io.dvflow.transfer.TransferJson;
import io.dvflow.transfer.TransferReport;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What a pod has said so far. Written by the thread that reads its log, read by the one that follows the pod. */
final class TransferLog {

    private static final Logger LOG = LoggerFactory.getLogger(TransferLog.class);

    private volatile Optional<TransferReport.Progress> progress = Optional.empty();
    private volatile Optional<ResumeMap> durable = Optional.empty();
    private volatile long lastLineNanos = System.nanoTime();
    /** Without progress, which would drive everything else out; guarded by itself. */
    private final Deque<String> words = new ArrayDeque<>();

    static TransferLog of(List<String> lines) {
        TransferLog log = new TransferLog();
        lines.forEach(log::accept);
        return log;
    }

    void accept(String line) {
        lastLineNanos = System.nanoTime();
        switch (TransferJson.readReport(line).orElse(null)) {
            case TransferReport.Progress latest -> progress = Optional.of(latest);
            case TransferReport.Durable latest -> durable = Optional.of(latest.map());
            case TransferReport.Note note -> {
                LOG.info("The transfer pod says: {}", note.text());
                remember(line);
            }
            case null -> remember(line);
        }
    }

    private void remember(String line) {
        synchronized (words) {
            words.addLast(KeptLog.shortened(line));
            if (words.size() >= KeptLog.MOST_LINES) {
                words.removeFirst();
            }
        }
    }

    /** What it has said to people, and how far it was, as lines of its log. */
    List<String> lastLines() {
        List<String> lines = new ArrayList<>();
        synchronized (words) {
            lines.addAll(words);
        }
        progress.map(TransferJson::write).ifPresent(lines::add);
        return lines;
    }

    Optional<TransferReport.Progress> progress() {
        return progress;
    }

    Optional<ResumeMap> durable() {
        return durable;
    }

    /** Seconds since it last said anything. */
    long silentSeconds() {
        return (System.nanoTime() - lastLineNanos) / 1_000_000_000;
    }
}
