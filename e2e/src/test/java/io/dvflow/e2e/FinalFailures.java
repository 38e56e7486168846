package io.dvflow.e2e;

import io.dvflow.e2e.TestCluster.Command;
import io.dvflow.testbed.http.FaultServer;
import io.dvflow.testbed.http.Resource;
import io.dvflow.testbed.http.ResourceSpec;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/** Failures that lie in the image, or in how it and the object fit together: nothing but another image or object helps. */
final class FinalFailures {

    private static final long VIRTUAL = 8 << 20;

    private final FaultServer server;
    private final SourceImages images;
    private final Path directory;

    FinalFailures(FaultServer server, SourceImages images, Path directory) {
        this.server = server;
        this.images = images;
        this.directory = directory;
    }

    List<FailureCase> all() {
        List<FailureCase> all = new ArrayList<>();
        all.addAll(sizes());
        all.addAll(qcow2());
        all.addAll(otherFormats());
        all.addAll(packed());
        return all;
    }

    /** The only ones after which there is no further attempt. */
    List<FailureCase> mismatches() {
        return List.of(
                        "md5:" + "0".repeat(32),
                        "sha1:" + "0".repeat(40),
                        "sha256:" + "0".repeat(64),
                        "sha512:" + "0".repeat(128))
                .stream()
                .map(this::mismatch)
                .toList();
    }

    private FailureCase mismatch(String checksum) {
        Resource resource = serve(image("raw"));
        return FailureCase.of(
                        checksum.substring(0, checksum.indexOf(':')) + " of another image",
                        source(resource) + "\n      checksum: \"" + checksum + "\"",
                        "checksum validation failed")
                .servedAt(resource);
    }

    private List<FailureCase> sizes() {
        String tooSmall = "DataVolume too small to contain image";
        return List.of(
                bad("raw is larger than the device", image("raw"), tooSmall, Long.toString(VIRTUAL))
                        .into("Block", VIRTUAL / 2),
                bad("qcow2 is larger than the device", image("qcow2"), tooSmall, Long.toString(VIRTUAL))
                        .into("Block", VIRTUAL / 2),
                bad("raw is larger than the file system", sparse(64 << 20), tooSmall, Long.toString(64 << 20)),
                bad("disk of a petabyte", create("qcow2", "1P"), tooSmall, Long.toString(1L << 50)),
                bad("empty file", write("empty", new byte[0]), "is empty, 0 bytes long"));
    }

    private List<FailureCase> qcow2() {
        Path base = create("qcow2", "8M");
        return List.of(
                bad(
                        "qcow2 with a backing file",
                        create("qcow2", "-b", base.getFileName().toString(), "-F", "qcow2"),
                        "backing file"),
                bad(
                        "qcow2 with a backing file of the node",
                        create("qcow2", "-u", "-b", "/etc/passwd", "-F", "raw", "8M"),
                        "backing file"),
                bad(
                        "qcow2 with its data elsewhere",
                        create("qcow2", "-o", "data_file=" + directory.resolve("data.raw"), "8M"),
                        "external data file"),
                bad(
                        "encrypted qcow2",
                        create(
                                "qcow2",
                                "--object",
                                "secret,id=key,data=secret",
                                "-o",
                                "encrypt.format=luks,encrypt.key-secret=key,encrypt.iter-time=10",
                                "8M"),
                        "encrypt"),
                bad("qcow2 cut short", cut(image("qcow2")), "qcow2"),
                bad("qcow2 of version 9", patched(image("qcow2"), 4, new byte[] {0, 0, 0, 9}), "version 9"),
                bad("qcow2 with clusters of 2^60", patched(image("qcow2"), 20, new byte[] {0, 0, 0, 60}), "cluster"),
                bad(
                        "qcow2 whose table is outside of it",
                        patched(image("qcow2"), 40, new byte[] {0x7f, 0, 0, 0, 0, 0, 0, 0}),
                        "L1"),
                bad("qcow2 with unknown features", patched(image("qcow2"), 72, new byte[] {(byte) 0x80}), "feature"));
    }

    private List<FailureCase> otherFormats() {
        return List.of(
                bad("vmdk that is a list of files", descriptor(), "vmdk"),
                bad("vmdk cut short", cut(image("vmdk")), "vmdk"),
                bad("vdi cut short", cut(image("vdi")), "vdi"),
                bad("vhdx cut short", cut(image("vhdx")), "vhdx"),
                bad("vhdx without its headers", patched(image("vhdx"), 64 << 10, new byte[128 << 10]), "vhdx"),
                bad(
                        "vhd whose header is damaged",
                        patched(image("vpc"), 512, "damaged!".getBytes(StandardCharsets.US_ASCII)),
                        "vhd"));
    }

    private List<FailureCase> packed() {
        return List.of(
                bad("gzip cut short", cut(image("raw.gz")), "gzip"),
                bad("gzip damaged in the middle", damaged(image("raw.gz")), "gzip"),
                bad("xz cut short", cut(image("raw.xz")), "xz"),
                bad("xz damaged in the middle", damaged(image("raw.xz")), "xz"),
                bad("zstd cut short", cut(image("raw.zst")), "zstd"),
                bad("zstd damaged in the middle", damaged(image("raw.zst")), "zstd"),
                bad("gigabytes of zeros in a megabyte", bomb(), "DataVolume too small to contain image"));
    }

    private FailureCase bad(String name, Path image, String... words) {
        Resource resource = serve(image);
        return FailureCase.of(name, source(resource), words).servedAt(resource);
    }

    private Resource serve(Path image) {
        return server.add("/" + UUID.randomUUID(), ResourceSpec.of(image));
    }

    private String source(Resource resource) {
        return "http:\n      url: " + server.url(resource.path());
    }

    private Path image(String format) {
        return images.make(format, VIRTUAL, 9);
    }

    private Path create(String format, String... options) {
        Path file = unused();
        List<String> command = new ArrayList<>(List.of("qemu-img", "create", "-q", "-f", format));
        List<String> more = new ArrayList<>(List.of(options));
        String last = more.getLast();
        boolean sized = last.matches("\\d+[MP]");
        command.addAll(sized ? more.subList(0, more.size() - 1) : more);
        command.add(file.toString());
        if (sized) {
            command.add(last);
        }
        Command.run(command);
        return file;
    }

    private Path sparse(long bytes) {
        Path file = unused();
        Command.run("truncate", "-s", Long.toString(bytes), file.toString());
        return file;
    }

    private Path descriptor() {
        return write("descriptor", """
                # Disk DescriptorFile
                version=1
                CID=12345678
                parentCID=ffffffff
                createType="monolithicFlat"

                # Extent description
                RW 16384 FLAT "disk-flat.vmdk" 0
                """.getBytes(StandardCharsets.US_ASCII));
    }

    private Path bomb() {
        Path file = unused();
        Command.run("bash", "-c", "head -c 1G /dev/zero | gzip -9 > " + file);
        return file;
    }

    private Path cut(Path image) {
        Path file = copy(image);
        Command.run("truncate", "-s", Long.toString(image.toFile().length() * 6 / 10), file.toString());
        return file;
    }

    private Path damaged(Path image) {
        return patched(image, image.toFile().length() / 2, new byte[4096]);
    }

    private Path patched(Path image, long at, byte[] bytes) {
        Path file = copy(image);
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            channel.write(ByteBuffer.wrap(bytes), at);
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot damage " + file, e);
        }
        return file;
    }

    private Path copy(Path image) {
        return write(image.getFileName().toString(), read(image));
    }

    private static byte[] read(Path image) {
        try {
            return Files.readAllBytes(image);
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot read " + image, e);
        }
    }

    private Path write(String name, byte[] content) {
        try {
            return Files.write(directory.resolve(UUID.randomUUID() + "-" + name), content);
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot write a bad image into " + directory, e);
        }
    }

    private Path unused() {
        return directory.resolve(UUID.randomUUID().toString());
    }
}
