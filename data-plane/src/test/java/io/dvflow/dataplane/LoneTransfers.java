package io.dvflow.dataplane;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.dvflow.dataplane.HostileRun.Answer;
import io.dvflow.transfer.TransferJson;
import io.dvflow.transfer.TransferPlan;
import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * Transfers in processes of their own, with the JVM of a transfer pod and the rights of a user who may read everything, but
 * has nothing to write to except the rooms that it is given: whatever else it made would be found under that user's ID.
 */
final class LoneTransfers implements AutoCloseable {

    /** Nobody's on a machine that runs tests, and not that of tests that run beside these. */
    private static final int USER = 64_000 + (int) (ProcessHandle.current().pid() % 1000);

    /** A JVM that has done much is larger than one that does a single transfer, whatever the images. */
    private static final int TRANSFERS_EACH = 50;

    private static final Path JVM_FLAGS = Path.of(System.getProperty("basedir", "."), "../images/jvm");

    private final Path directory;
    private final List<String> arguments;
    private Process process;
    private BufferedWriter plans;
    private BufferedReader answers;
    private int carriedOut;

    private LoneTransfers(Path directory, List<String> arguments) throws IOException {
        this.directory = directory;
        this.arguments = arguments;
        startProcess();
    }

    /** @param directory for rooms, and for what the processes say beside their answers */
    static LoneTransfers start(Path directory) throws IOException {
        return start(directory, List.of());
    }

    /** The same, but they give up on a server that is silent for a second. */
    static LoneTransfers startImpatient(Path directory) throws IOException {
        return start(directory, List.of(HostileRun.IMPATIENT));
    }

    private static LoneTransfers start(Path directory, List<String> arguments) throws IOException {
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
        return new LoneTransfers(directory, arguments);
    }

    private void startProcess() throws IOException {
        List<String> command = new ArrayList<>(List.of(
                "setpriv",
                "--reuid=" + USER,
                "--regid=" + USER,
                "--clear-groups",
                "--inh-caps=+dac_read_search",
                "--ambient-caps=+dac_read_search",
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "@" + JVM_FLAGS.resolve("common"),
                "@" + JVM_FLAGS.resolve("transfer"),
                "-cp",
                System.getProperty("java.class.path"),
                HostileRun.class.getName()));
        command.addAll(arguments);
        process = new ProcessBuilder(command)
                .directory(directory.toFile())
                .redirectError(directory.resolve("stderr").toFile())
                .start();
        plans = process.outputWriter();
        answers = process.inputReader();
        carriedOut = 0;
    }

    /** Somewhere to write to, for one transfer. */
    Room room() throws IOException {
        return new Room(Files.createTempDirectory(directory, "room"));
    }

    Answer carryOut(TransferPlan plan) throws IOException {
        if (carriedOut++ == TRANSFERS_EACH) {
            process.destroy();
            startProcess();
        }
        plans.write(TransferJson.write(plan));
        plans.newLine();
        plans.flush();
        String answer = answers.readLine();
        assertThat(answer)
                .as("answer of the process, within seconds; it says: " + Files.readString(directory.resolve("stderr")))
                .isNotNull();
        return TransferJson.read(answer, Answer.class);
    }

    /**
     * Files of the user of all these processes, where everybody may make some; rooms that are closed are gone. Looks again
     * where a directory of another test went away meanwhile, which find takes for a failure.
     */
    static String strayFiles() {
        return await().ignoreExceptionsInstanceOf(IllegalStateException.class)
                .until(
                        () -> Shell.run("find", "/tmp", "/var/tmp", "/dev/shm", "-ignore_readdir_race", "-uid", USER),
                        found -> true);
    }

    @Override
    public void close() {
        process.destroy();
    }

    /** A volume and scratch space. */
    record Room(Path root) implements AutoCloseable {

        Room {
            try {
                for (String part : List.of("volume", "scratch")) {
                    Files.setAttribute(Files.createDirectory(root.resolve(part)), "unix:uid", USER);
                }
                Files.setPosixFilePermissions(root, PosixFilePermissions.fromString("rwxr-xr-x"));
            } catch (IOException e) {
                throw new UncheckedIOException("Cannot make room for a transfer in " + root, e);
            }
        }

        TransferPlan plan(String url, long requestedBytes) {
            return Rig.withScratch(
                    Rig.plan(url, Rig.file(root.resolve("volume")), requestedBytes), root.resolve("scratch"));
        }

        Path disk() {
            return root.resolve("volume/disk.img");
        }

        /** Whether a transfer may leave a file of that path behind. */
        static boolean mayHold(String path) {
            return path.matches("volume/disk\\.img|scratch/tmpimage|(volume|scratch)/\\.dvflow-journal\\.json");
        }

        /** 0 without a disk. */
        long diskBytes() {
            return disk().toFile().length();
        }

        /** Paths below the room. */
        List<String> files() throws IOException {
            try (Stream<Path> files = Files.walk(root)) {
                return files.filter(Files::isRegularFile)
                        .map(file -> root.relativize(file).toString())
                        .toList();
            }
        }

        @Override
        public void close() {
            Shell.run("rm", "-r", root);
        }
    }
}
