package io.dvflow.testbed.hypervisors;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * What users put into an image of their own for disks of VMware: a library with the interface of VDDK, for nbdkit's real
 * plug-in, and a program that copies it. Reads from an HTTP server in place of an ESXi host. Made by {@code gcc}.
 */
public final class StandInVddk {

    /** What it says of itself. */
    public static final String VERSION = "8.0.2";
    /** The host that it claims to read from. */
    public static final String HOST = "esx12.test.local";

    private static final String DIRECTORY = "vmware-vix-disklib-distrib";
    private static final String LIBRARY = DIRECTORY + "/lib64/libvixDiskLib.so.8";
    private static final String ESXI = DIRECTORY + "/esxi";

    private StandInVddk() {}

    /**
     * Fills the root of an image.
     *
     * @param esxi host and port of the server with the disks
     * @return what the image is to run
     */
    public static List<String> build(Path root, String esxi) throws IOException {
        Files.createDirectories(root.resolve(LIBRARY).getParent());
        compile(
                "libvixDiskLib.c",
                root.resolve(LIBRARY),
                "-shared",
                "-fPIC",
                define("PASSWORD", StandInVSphere.PASSWORD),
                define("VERSION", VERSION),
                define("HOST", HOST));
        compile("copy.c", root.resolve("copy"), "-static");
        Files.writeString(root.resolve(ESXI), esxi + "\n");
        return List.of("/copy", "/" + LIBRARY, "/" + ESXI, "/opt");
    }

    /**
     * Where the library looks for a disk.
     *
     * @param snapshot its ID, or {@code now}
     * @param file as vSphere names it
     */
    public static String pathOf(String snapshot, String file) {
        return "/" + snapshot + "/" + file.replaceAll("[\\[\\] ]", "");
    }

    private static String define(String name, String text) {
        return "-D" + name + "=\"" + text + "\"";
    }

    private static void compile(String source, Path into, String... options) throws IOException {
        List<String> command = new ArrayList<>(List.of("gcc", "-O1", "-Wall", "-Werror"));
        command.addAll(List.of(options));
        command.addAll(List.of("-x", "c", "-o", into.toString(), "-"));
        Process gcc = new ProcessBuilder(command).redirectErrorStream(true).start();
        try (InputStream code = StandInVddk.class.getResourceAsStream(source);
                var stdin = gcc.getOutputStream()) {
            code.transferTo(stdin);
        }
        String said = new String(gcc.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        try {
            if (gcc.waitFor() != 0) {
                throw new IOException("gcc cannot compile " + source + ":\n" + said);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("Interrupted", e);
        }
    }
}
