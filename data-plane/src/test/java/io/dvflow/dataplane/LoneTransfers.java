package io.dvflow.dataplane;

import static org.assertj.core.api.Assertions.assertThat;

import io.dvflow.dataplane.HostileRun.Answer;
import io.dvflow.transfer.TransferJson;
import io.dvflow.transfer.TransferPlan;
import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
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
    private Process process;
    private BufferedWriter plans;
    private BufferedReader answers;
    private int carriedOut;

    private LoneTransfers(Path directory) throws IOException {
        this.directory = directory;
        startProcess();
    }

    /** @param directory for rooms, and for what the processes say beside their answers */
    static LoneTransfers start(Path directory) throws IOException {
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
        return new LoneTransfers(directory);
    }

    private void startProcess() throws IOException {
        process = new ProcessBuilder(
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
                        HostileRun.class.getName())
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

    /** Files of the user of all these processes, where everybody may make some; rooms that are closed are gone. */
    static List<Path> strayFiles() throws IOException {
        List<Path> found = new ArrayList<>();
        for (String root : List.of("/tmp", "/var/tmp", "/dev/shm")) {
            Files.walkFileTree(Path.of(root), new StrayFiles(found));
        }
        return found;
    }

    /** Other tests make and remove files meanwhile: what is gone is nothing that was left. */
    private static final class StrayFiles extends SimpleFileVisitor<Path> {
        private final List<Path> found;

        StrayFiles(List<Path> found) {
            this.found = found;
        }

        @Override
        public FileVisitResult preVisitDirectory(Path directory, BasicFileAttributes attributes) throws IOException {
            return visitFile(directory, attributes);
        }

        @Override
        public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
            try {
                if (Files.getAttribute(file, "unix:uid", LinkOption.NOFOLLOW_LINKS)
                        .equals(USER)) {
                    found.add(file);
                }
                return FileVisitResult.CONTINUE;
            } catch (NoSuchFileException e) {
                return FileVisitResult.CONTINUE;
            }
        }

        @Override
        public FileVisitResult visitFileFailed(Path file, IOException trouble) throws IOException {
            if (trouble instanceof NoSuchFileException) {
                return FileVisitResult.CONTINUE;
            }
            throw trouble;
        }

        @Override
        public FileVisitResult postVisitDirectory(Path directory, IOException trouble) throws IOException {
            return trouble == null ? FileVisitResult.CONTINUE : visitFileFailed(directory, trouble);
        }
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
