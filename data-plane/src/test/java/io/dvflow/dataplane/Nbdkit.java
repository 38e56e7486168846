package io.dvflow.dataplane;

import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/**
 * The real nbdkit, started under the command line that its VDDK plug-in wants: a script takes VDDK's part, checks the
 * password as the library would, and serves a file instead.
 */
final class Nbdkit {

    static final String VERSION_LINE = "nbdkit: debug: VMware VixDiskLib (7.0.3) Release build-20134304";

    private final Path directory;
    private final Path program;

    private Nbdkit(Path directory, Path program) {
        this.directory = directory;
        this.program = program;
    }

    /**
     * @param disk that is served, raw
     * @param password that the library would accept
     * @param more filters and options of nbdkit
     */
    static Nbdkit standIn(Path directory, Path disk, String password, String more) throws IOException {
        Path script = directory.resolve("nbdkit-stand-in");
        Files.writeString(script, """
                #!/bin/bash
                for argument in "$@"; do printf '%%s\\n' "$argument"; done >"%1$s/arguments.$$"
                filters=() socket= password=
                while [ $# -gt 0 ]; do
                  case $1 in
                    -U) socket=$2; shift ;;
                    --filter=*) filters+=("$1") ;;
                    password=+*) password=$(cat "${1#password=+}") ;;
                  esac
                  shift
                done
                echo "%4$s"
                echo "nbdkit: vddk[1]: debug: DISKLIB-LINK  : Opened 'vpxa-nfcssl://[store] vm/vm.vmdk@esx12.test.local:902' (0xa): custom"
                if [ "$password" != '%3$s' ]; then
                  echo "nbdkit: debug: vddk: config key=password, value=$password"
                  echo "nbdkit: error: VixDiskLib_ConnectEx: Cannot complete login with $password" >&2
                  exit 1
                fi
                echo $$ >>"%1$s/pids"
                exec nbdkit --foreground --readonly --exit-with-parent -U "$socket" %5$s "${filters[@]}" file '%2$s' %6$s
                """.formatted(
                        directory,
                        disk,
                        password,
                        VERSION_LINE,
                        words(more, true),
                        words(more, false) + rateFile(directory, more)));
        Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwxr-xr-x"));
        return new Nbdkit(directory, script);
    }

    /** nbdkit takes options before the name of its plug-in, and what filters are told after it. */
    private static String words(String all, boolean options) {
        return Arrays.stream(all.split(" "))
                .filter(word -> word.startsWith("--") == options)
                .collect(Collectors.joining(" "));
    }

    private static String rateFile(Path directory, String more) {
        return more.contains("--filter=rate") ? " rate-file=" + directory.resolve("rate") : "";
    }

    /** From now on a slow one is not slow any more. */
    void hurry() throws IOException {
        Files.writeString(directory.resolve("rate"), "20G");
    }

    String program() {
        return program.toString();
    }

    /** Arguments of the first start, in order. */
    List<String> arguments() throws IOException {
        try (var files = Files.list(directory)) {
            Path first = files.filter(file -> file.getFileName().toString().startsWith("arguments."))
                    .min((a, b) -> modified(a).compareTo(modified(b)))
                    .orElseThrow();
            return Files.readAllLines(first);
        }
    }

    int starts() throws IOException {
        return Files.exists(directory.resolve("pids")) ? pids().size() : 0;
    }

    long pid() throws IOException {
        return Long.parseLong(pids().getLast());
    }

    /** As an out-of-memory killer would. */
    void kill() throws IOException {
        long pid = pid();
        Shell.run("kill", "-9", pid);
        await("nbdkit " + pid + " to be gone")
                .atMost(Duration.ofSeconds(60))
                .until(() -> !ProcessHandle.of(pid).map(ProcessHandle::isAlive).orElse(false));
    }

    /** Bytes that the running one has read from its disk; 0 while there is none. */
    long bytesRead() throws IOException {
        Path counters = Path.of("/proc", starts() == 0 ? "none" : Long.toString(pid()), "io");
        if (!Files.exists(counters)) {
            return 0;
        }
        return Files.readAllLines(counters).stream()
                .filter(line -> line.startsWith("rchar:"))
                .mapToLong(
                        line -> Long.parseLong(line.substring("rchar:".length()).strip()))
                .sum();
    }

    boolean isRunning() throws IOException {
        return starts() > 0
                && ProcessHandle.of(pid()).map(ProcessHandle::isAlive).orElse(false);
    }

    private List<String> pids() throws IOException {
        return Files.readAllLines(directory.resolve("pids"));
    }

    private static FileTime modified(Path file) {
        try {
            return Files.getLastModifiedTime(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
