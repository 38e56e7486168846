package io.dvflow.dataplane.source.vddk;

import io.dvflow.dataplane.report.TransferFailure;
import io.dvflow.dataplane.source.http.HttpUrl;
import io.dvflow.transfer.FailureReason;
import io.dvflow.transfer.TransferSource;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** The command line of nbdkit with its VDDK plug-in. Everybody on the machine can read it, so no secret is in it. Pure. */
final class NbdkitCommand {

    private static final int HTTPS = 443;

    private NbdkitCommand() {}

    /**
     * @param program path or name of nbdkit
     * @param user of the vCenter or ESXi host
     */
    static List<String> of(
            String program, TransferSource.Vddk source, HttpUrl host, String user, VSphereStage stage, Path socket) {
        List<String> command = new ArrayList<>(List.of(
                program,
                "--foreground",
                "--readonly",
                "--exit-with-parent",
                "-U",
                socket.toString(),
                // Not "retry" as well: it lets one request of a connection through at a time, and NbdRanges tries again
                // anyway.
                "--filter=cacheextents",
                // It says which library and which host it uses; each read would be too much.
                "--verbose",
                "-D",
                "nbdkit.backend.controlpath=0",
                "-D",
                "nbdkit.backend.datapath=0",
                "vddk",
                "libdir=" + TransferSource.Vddk.LIBRARY,
                "server=" + host.host(),
                "user=" + user,
                "password=+" + Path.of(source.credentialsDirectory()).resolve("secretKey"),
                "thumbprint=" + source.thumbprint(),
                "vm=moref=" + stage.machine()));
        if (host.port() != HTTPS) {
            command.add("port=" + host.port());
        }
        stage.snapshot().ifPresent(id -> command.add("snapshot=" + id));
        source.settingsDirectory()
                .flatMap(NbdkitCommand::settingsFile)
                .ifPresent(file -> command.add("config=" + file));
        command.add("file=" + stage.file());
        return command;
    }

    /** The one that CDI's users call {@code vddk-config-file}, or the only one there is. */
    private static Optional<Path> settingsFile(String directory) {
        try (Stream<Path> files = Files.list(Path.of(directory))) {
            List<Path> settings = files.filter(
                            file -> !file.getFileName().toString().startsWith("."))
                    .filter(Files::isRegularFile)
                    .sorted()
                    .toList();
            return settings.stream()
                    .filter(file -> file.getFileName().toString().equals("vddk-config-file"))
                    .findFirst()
                    .or(() -> settings.size() == 1 ? Optional.of(settings.getFirst()) : Optional.empty());
        } catch (IOException e) {
            throw new TransferFailure(
                    FailureReason.BAD_PLAN, "Cannot read the VDDK settings in " + directory + ": " + e, e);
        }
    }
}
