package io.dvflow.dataplane.source;

import io.dvflow.dataplane.report.Reporter;
import io.dvflow.transfer.ByteRate;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.function.Supplier;

/** A rate that stands in a file and is read anew every second. Without the file there is no limit. */
public final class RateFile implements Supplier<ByteRate> {

    private static final long INTERVAL_NANOS = 1_000_000_000L;
    private static final int LONGEST = 64;

    private final Path file;
    private final Reporter reporter;
    private volatile ByteRate rate = ByteRate.UNLIMITED;
    private volatile long readNanos = System.nanoTime() - INTERVAL_NANOS;
    private String refused = "";

    public RateFile(Path file, Reporter reporter) {
        this.file = file;
        this.reporter = reporter;
    }

    @Override
    public ByteRate get() {
        if (System.nanoTime() - readNanos >= INTERVAL_NANOS) {
            readAgain();
        }
        return rate;
    }

    private synchronized void readAgain() {
        if (System.nanoTime() - readNanos < INTERVAL_NANOS) {
            return;
        }
        String text = "";
        try {
            text = text();
            ByteRate now = text.isEmpty() ? ByteRate.UNLIMITED : ByteRate.parse(text);
            if (now.bytesPerSecond() != rate.bytesPerSecond()) {
                reporter.info(
                        now.isUnlimited()
                                ? "Reading as fast as the source sends"
                                : "Reading at most " + now + " bytes per second");
            }
            rate = now;
        } catch (IOException | IllegalArgumentException e) {
            if (!text.equals(refused) || text.isEmpty()) {
                reporter.warning("Keeping the rate as it is, " + rate + " bytes per second; cannot read the one in "
                        + file + ": " + e.getMessage());
            }
            refused = text;
        } finally {
            // Only now: whoever finds that it is too early to read again reads at the rate that stands here.
            readNanos = System.nanoTime();
        }
    }

    private String text() throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            return new String(in.readNBytes(LONGEST), StandardCharsets.UTF_8).strip();
        } catch (NoSuchFileException e) {
            return "";
        }
    }
}
