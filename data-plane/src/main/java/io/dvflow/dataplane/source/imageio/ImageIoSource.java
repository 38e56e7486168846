package io.dvflow.dataplane.source.imageio;

import io.dvflow.dataplane.image.DiskImage;
import io.dvflow.dataplane.image.RawImage;
import io.dvflow.dataplane.report.TransferFailure;
import io.dvflow.dataplane.source.DiskSource;
import io.dvflow.dataplane.source.RangeReader;
import io.dvflow.dataplane.source.SequentialRanges;
import io.dvflow.dataplane.source.SequentialReader;
import io.dvflow.dataplane.source.http.HttpAccess;
import io.dvflow.dataplane.source.http.HttpSettings;
import io.dvflow.dataplane.source.http.HttpUrl;
import io.dvflow.dataplane.source.http.LoginFiles;
import io.dvflow.dataplane.stop.StopSignal;
import io.dvflow.transfer.Checkpoint;
import io.dvflow.transfer.FailureReason;
import io.dvflow.transfer.Mark;
import io.dvflow.transfer.ResumeMap.SourcePin;
import io.dvflow.transfer.TransferSource;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Optional;

/**
 * A disk of oVirt. The engine lends it for an image transfer, and ovirt-imageio on a host serves it, always as raw bytes.
 *
 * <p>A snapshot never changes, so what was read of one is good for ever. A disk as it is now is only certain to be the same
 * while the engine has it locked for one and the same image transfer; so that transfer is its pin.
 */
public final class ImageIoSource implements DiskSource {

    private final TransferSource.ImageIo named;
    private final HttpAccess access;
    private final EngineApi engine;
    private final TransferLease lease;
    private final Subject subject;
    private final HostReading first;
    private final TicketKeeper keeper;
    private final DiskImage image;
    private volatile HostReading current;
    private long fetchedBefore;
    private long fetchedAtLastRenewal;
    private boolean succeeded;

    private ImageIoSource(
            TransferSource.ImageIo named,
            HttpAccess access,
            EngineApi engine,
            TransferLease lease,
            Subject subject,
            ImageTransfer transfer) {
        this.named = named;
        this.access = access;
        this.engine = engine;
        this.lease = lease;
        this.subject = subject;
        this.first = HostReading.open(transfer, access);
        this.current = first;
        this.keeper = keeper();
        try {
            this.image = whatIsWhere();
        } catch (RuntimeException e) {
            keeper.close();
            throw e;
        }
    }

    /**
     * Gets hold of the disk; as long as this is open, nobody else can have it.
     *
     * @param earlier what an earlier pod has read of
     */
    public static ImageIoSource open(TransferSource.ImageIo named, Optional<SourcePin> earlier, HttpAccess access) {
        EngineApi engine = engine(named, access);
        Subject subject = Subject.of(named, engine);
        ImageIoTimings timings = ImageIoTimings.of(access.settings());
        TransferLease lease = new TransferLease(engine, subject, timings, access.stop(), access.reporter());
        try {
            ImageTransfer transfer = lease.take(earlier.flatMap(engine::transferOf));
            return new ImageIoSource(named, access, engine, lease, subject, transfer);
        } catch (RuntimeException e) {
            lease.held().ifPresent(id -> ending(named, access).end(id, "cancel"));
            throw e;
        }
    }

    @Override
    public Facts facts() {
        HttpUrl transfer = engine.transferUrl(first.transfer().id());
        Optional<String> content = Optional.of(
                subject.immutable()
                        ? snapshotContent()
                        : "image transfer " + first.transfer().id());
        return new Facts(
                new SourcePin(transfer.shown(), first.size(), content, Optional.empty()),
                true,
                new byte[0],
                Optional.empty());
    }

    @Override
    public DiskImage image() {
        return image;
    }

    @Override
    public int mostReaders() {
        // One is kept for the small reads that keep a ticket alive.
        return Math.max(1, current.mostReaders() - 1);
    }

    @Override
    public RangeReader ranges() {
        return new ImageIoRanges(this);
    }

    @Override
    public SequentialReader inOrder(Optional<Mark> from) {
        return new SequentialRanges(ranges(), from.map(Mark::position).orElse(0L), first.size());
    }

    @Override
    public synchronized long fetchedBytes() {
        return fetchedBefore + current.bytes().fetchedBytes();
    }

    @Override
    public void succeeded() {
        succeeded = true;
    }

    @Override
    public void close() {
        keeper.close();
        lease.held().ifPresent(id -> ending(named, access).end(id, succeeded ? "finalize" : "cancel"));
    }

    HostReading current() {
        return current;
    }

    /**
     * Another ticket for the same bytes.
     *
     * @param refused what the reader has used; if others have noticed before, there is another one already
     */
    synchronized HostReading renewed(HostReading refused) {
        access.stop().check();
        if (!current.equals(refused)) {
            return current;
        }
        access.reporter()
                .warning("The ticket of image transfer " + refused.transfer().id()
                        + " is not accepted any more; asking the engine for another one");
        ImageTransfer transfer = lease.renew(refused.transfer()).orElseGet(this::takeAgain);
        HostReading next = HostReading.open(transfer, access);
        if (next.size() != first.size()) {
            throw changed("its length " + first.size() + " became " + next.size());
        }
        fetchedBefore += refused.bytes().fetchedBytes();
        current = next;
        return next;
    }

    private ImageTransfer takeAgain() {
        if (!subject.immutable()) {
            throw changed("the engine has ended the image transfer, so others may have written to the disk");
        }
        return lease.take(Optional.empty());
    }

    private TransferFailure changed(String how) {
        return new TransferFailure(
                FailureReason.SOURCE_CHANGED,
                "Unable to process data: disk " + named.diskId() + " of the engine at " + engine.url()
                        + " may not be what it was: " + how);
    }

    private String snapshotContent() {
        String since = named.checkpoint()
                .flatMap(Checkpoint::previous)
                .map(previous -> " since " + previous)
                .orElse("");
        return "snapshot " + subject.id() + since;
    }

    private DiskImage whatIsWhere() {
        try {
            if (first.listsExtents()) {
                return ImageIoExtents.parse(first.extents(access), subject.shallow(), first.size());
            }
            throw new IOException("the host does not list extents");
        } catch (IOException | TransferFailure e) {
            access.stop().check();
            if (subject.shallow()) {
                throw new TransferFailure(
                        FailureReason.REFUSED_BY_SERVER,
                        "Unable to process data: cannot tell what changed in " + subject.kind() + " " + subject.id()
                                + ": " + e.getMessage(),
                        e);
            }
            access.reporter()
                    .warning("Cannot see where the disk holds data (" + e.getMessage() + "); reading all of it");
            return new RawImage(first.size());
        }
    }

    private TicketKeeper keeper() {
        StopSignal keeping = access.stop().child();
        return new TicketKeeper(
                engine(named, access.with(access.settings(), keeping)),
                () -> current.transfer().id(),
                this::readALittle,
                ImageIoTimings.of(access.settings()).renewal(),
                keeping,
                access.reporter());
    }

    private void readALittle() {
        if (fetchedBytes() == fetchedAtLastRenewal) {
            try (RangeReader reader = current.bytes().ranges()) {
                reader.start(0, Math.min(512, first.size()));
                reader.read(ByteBuffer.allocate(512));
            }
        }
        fetchedAtLastRenewal = fetchedBytes();
    }

    private static EngineApi engine(TransferSource.ImageIo named, HttpAccess access) {
        LoginFiles login = LoginFiles.read(Path.of(named.credentialsDirectory()));
        return new EngineApi(HttpUrl.parse(named.url()), login, access);
    }

    /** Over connections that the end of the transfer does not close, and quickly: a pod has half a minute to end. */
    private static TransferEnding ending(TransferSource.ImageIo named, HttpAccess access) {
        HttpSettings usual = access.settings();
        HttpSettings quick = new HttpSettings(
                usual.connectTimeout().dividedBy(2),
                usual.stallTimeout().dividedBy(6),
                usual.headTimeout().dividedBy(6),
                1,
                usual.firstBackoff(),
                usual.longestBackoff());
        EngineApi engine = engine(named, access.with(quick, new StopSignal()));
        return new TransferEnding(engine, ImageIoTimings.of(usual), access.reporter());
    }
}
