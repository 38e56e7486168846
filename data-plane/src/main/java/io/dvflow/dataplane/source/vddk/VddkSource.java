package io.dvflow.dataplane.source.vddk;

import io.dvflow.dataplane.image.DiskImage;
import io.dvflow.dataplane.report.TransferFailure;
import io.dvflow.dataplane.source.DiskSource;
import io.dvflow.dataplane.source.RangeReader;
import io.dvflow.dataplane.source.SequentialReader;
import io.dvflow.dataplane.source.http.HttpAccess;
import io.dvflow.dataplane.source.http.HttpUrl;
import io.dvflow.dataplane.source.http.LoginFiles;
import io.dvflow.dataplane.source.nbd.NbdSource;
import io.dvflow.transfer.Mark;
import io.dvflow.transfer.TransferSource;
import io.dvflow.transfer.VddkInfo;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** A disk of VMware: found by the server's API, read by nbdkit and the VDDK library. */
public final class VddkSource implements DiskSource {

    /** Larger requests fail at once on an ESXi host ... */
    private static final int LARGEST_READ = 23 << 20;
    /** ... and on a vCenter, which has to find memory for all of its clients, now and then. */
    private static final int LARGEST_READ_OF_VCENTER = 2 << 20;

    private final NbdkitProcess nbdkit;
    private final NbdkitLog log;
    private final NbdSource disk;
    private final HttpAccess access;

    private VddkSource(NbdkitProcess nbdkit, NbdkitLog log, NbdSource disk, HttpAccess access) {
        this.nbdkit = nbdkit;
        this.log = log;
        this.disk = disk;
        this.access = access;
    }

    /**
     * @param program path or name of nbdkit
     * @throws TransferFailure if there is no such disk, or it cannot be opened
     */
    public static VddkSource open(TransferSource.Vddk source, String program, HttpAccess access) {
        HttpUrl host = HttpUrl.parse(source.url());
        LoginFiles login = LoginFiles.read(Path.of(source.credentialsDirectory()));
        Found found = find(source, host, login, access);
        NbdkitLog log = new NbdkitLog(List.of(login.secretKey()), access.reporter());
        NbdkitProcess nbdkit = new NbdkitProcess(
                socket -> NbdkitCommand.of(program, source, host, login.accessKeyId(), found.stage(), socket),
                log,
                access.stop(),
                access.reporter());
        try {
            return new VddkSource(nbdkit, log, read(found, nbdkit, access), access);
        } catch (RuntimeException e) {
            end(nbdkit, access);
            throw e;
        }
    }

    @Override
    public Facts facts() {
        return disk.facts();
    }

    @Override
    public DiskImage image() {
        return disk.image();
    }

    @Override
    public int mostReaders() {
        return disk.mostReaders();
    }

    @Override
    public RangeReader ranges() {
        return disk.ranges();
    }

    @Override
    public SequentialReader inOrder(Optional<Mark> from) {
        return disk.inOrder(from);
    }

    @Override
    public long fetchedBytes() {
        return disk.fetchedBytes();
    }

    @Override
    public Optional<VddkInfo> vddkInfo() {
        return log.vddkInfo();
    }

    @Override
    public void succeeded() {
        disk.succeeded();
    }

    @Override
    public void close() {
        disk.close();
        end(nbdkit, access);
    }

    private record Found(VSphereStage stage, int largestRead) {}

    private static Found find(TransferSource.Vddk source, HttpUrl host, LoginFiles login, HttpAccess access) {
        // Where no authority is given, the thumbprint is what the library goes by as well.
        HttpAccess trusting = source.certificateDirectory().isPresent() ? access : access.trusting(source.thumbprint());
        try (VSphereApi api = VSphereApi.logIn(host, login, trusting)) {
            return new Found(
                    VSphereStage.find(api, source), api.isVirtualCenter() ? LARGEST_READ_OF_VCENTER : LARGEST_READ);
        }
    }

    private static NbdSource read(Found found, NbdkitProcess nbdkit, HttpAccess access) {
        NbdSource.Settings settings = new NbdSource.Settings(
                found.stage().file(),
                found.stage().content(),
                found.largestRead(),
                access.rate(),
                access.settings(),
                access.stop(),
                access.reporter());
        return found.stage()
                .changed()
                .map(areas -> NbdSource.openChanges(settings, nbdkit, areas))
                .orElseGet(() -> NbdSource.open(settings, nbdkit));
    }

    private static void end(NbdkitProcess nbdkit, HttpAccess access) {
        try {
            nbdkit.close();
        } catch (IOException e) {
            access.reporter().warning("Cannot remove the socket of nbdkit: " + e.getMessage());
        }
    }
}
