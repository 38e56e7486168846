package io.dvflow.dataplane.source.vddk;

import io.dvflow.dataplane.report.Reporter;
import io.dvflow.transfer.VddkInfo;
import java.io.BufferedReader;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What nbdkit and the library print: a lot, of which the last lines and two facts are kept, and no secret. */
final class NbdkitLog {

    private static final int LINES = 12;
    private static final int LONGEST_LINE = 300;
    private static final Pattern VERSION = Pattern.compile("VMware VixDiskLib.*\\(([^)]*)\\)");
    private static final Pattern HOST = Pattern.compile("Opened '.*@([^@:]+):\\d+' \\(0x");

    private final List<String> secrets;
    private final Reporter reporter;
    private final Deque<String> last = new ArrayDeque<>();
    private Optional<String> version = Optional.empty();
    private Optional<String> host = Optional.empty();

    /** @param secrets words that appear nowhere */
    NbdkitLog(List<String> secrets, Reporter reporter) {
        this.secrets = secrets.stream().filter(secret -> !secret.isEmpty()).toList();
        this.reporter = reporter;
    }

    /** Until the process has ended. */
    void listen(BufferedReader words) {
        try (words) {
            for (String line = words.readLine(); line != null; line = words.readLine()) {
                hear(line);
            }
        } catch (IOException e) {
            // It has been ended, and its last words were of no use.
        }
    }

    /** As the end of a sentence; empty if nothing was said. */
    synchronized String lastWords() {
        return last.isEmpty() ? "" : "; the last words of nbdkit: " + String.join(" | ", last);
    }

    /** Which library reads from which host, once both have been said. */
    synchronized Optional<VddkInfo> vddkInfo() {
        return version.flatMap(known -> host.map(from -> new VddkInfo(known, from)));
    }

    private synchronized void hear(String line) {
        if (line.contains("config key=password")) {
            return;
        }
        String clean = line;
        for (String secret : secrets) {
            clean = clean.replace(secret, "***");
        }
        version = tellOnce(version, VERSION, clean, "VDDK ");
        host = tellOnce(host, HOST, clean, "VDDK reads from host ");
        last.addLast(clean.length() <= LONGEST_LINE ? clean : clean.substring(0, LONGEST_LINE) + "...");
        if (last.size() > LINES) {
            last.removeFirst();
        }
    }

    private Optional<String> tellOnce(Optional<String> known, Pattern pattern, String line, String what) {
        Matcher found = pattern.matcher(line);
        if (known.isPresent() || !found.find()) {
            return known;
        }
        reporter.info(what + found.group(1));
        return Optional.of(found.group(1));
    }
}
