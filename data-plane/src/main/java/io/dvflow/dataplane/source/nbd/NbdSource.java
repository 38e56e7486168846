package io.dvflow.dataplane.source.nbd;

import io.dvflow.dataplane.image.DiskImage;
import io.dvflow.dataplane.report.Reporter;
import io.dvflow.dataplane.source.DiskSource;
import io.dvflow.dataplane.source.RangeReader;
import io.dvflow.dataplane.source.RateLimit;
import io.dvflow.dataplane.source.SequentialRanges;
import io.dvflow.dataplane.source.SequentialReader;
import io.dvflow.dataplane.source.http.HttpSettings;
import io.dvflow.dataplane.stop.StopSignal;
import io.dvflow.transfer.Mark;
import io.dvflow.transfer.ResumeMap.ByteRange;
import io.dvflow.transfer.ResumeMap.SourcePin;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/** A disk behind an NBD server on this machine. */
public final class NbdSource implements DiskSource {

    /** What comes early over all of them is kept, and has to fit into memory: 6 MiB each. */
    private static final int MOST_CONNECTIONS = 8;

    private static final int USUALLY_IN_FLIGHT = 4;
    /** Over the only connection, as much as one request of a server that takes large ones would be. */
    private static final int MOST_IN_FLIGHT = 8;

    final Settings settings;
    final NbdEndpoint endpoint;
    final AtomicLong fetched = new AtomicLong();
    private final NbdExport export;
    private final Optional<List<ByteRange>> changed;
    private final Set<NbdConnection> connections = ConcurrentHashMap.newKeySet();

    /**
     * How a disk is read.
     *
     * @param shown what is read, for people
     * @param content what a later attempt can know the same bytes by, if there is such a thing
     * @param largestRead bytes of one request, at most
     * @param rate of all connections together
     * @param patience with the server
     * @param stop goes up when the transfer is to end
     */
    public record Settings(
            String shown,
            Optional<String> content,
            int largestRead,
            RateLimit rate,
            HttpSettings patience,
            StopSignal stop,
            Reporter reporter) {}

    private NbdSource(Settings settings, NbdEndpoint endpoint, Optional<List<ByteRange>> changed) {
        this.settings = settings;
        this.endpoint = endpoint;
        this.changed = changed;
        this.export = firstLook();
    }

    /** The whole disk. */
    public static NbdSource open(Settings settings, NbdEndpoint endpoint) {
        return new NbdSource(settings, endpoint, Optional.empty());
    }

    /**
     * What changed on the disk.
     *
     * @param changed ascending, not overlapping; what lies past the end of the disk does not count
     */
    public static NbdSource openChanges(Settings settings, NbdEndpoint endpoint, List<ByteRange> changed) {
        return new NbdSource(settings, endpoint, Optional.of(List.copyOf(changed)));
    }

    @Override
    public Facts facts() {
        SourcePin pin = new SourcePin(settings.shown(), export.size(), settings.content(), Optional.empty());
        return new Facts(pin, true, new byte[0], Optional.empty());
    }

    @Override
    public DiskImage image() {
        return new NbdImage(this, changed);
    }

    @Override
    public int mostReaders() {
        return export.takesManyConnections() ? MOST_CONNECTIONS : 1;
    }

    @Override
    public RangeReader ranges() {
        return new NbdRanges(this);
    }

    @Override
    public SequentialReader inOrder(Optional<Mark> from) {
        return new SequentialRanges(ranges(), from.map(Mark::position).orElse(0L), export.size());
    }

    @Override
    public long fetchedBytes() {
        return fetched.get();
    }

    @Override
    public void succeeded() {
        // The server has nothing to be told.
    }

    @Override
    public void close() {
        connections.forEach(this::disconnect);
    }

    /** Requests of a connection that may be under way at a time. */
    int mostInFlight() {
        if (export.takesManyConnections()) {
            return USUALLY_IN_FLIGHT;
        }
        int largest = Math.min(settings.largestRead(), export.largestRead()) / NbdConnection.LARGEST_REQUEST;
        return Math.clamp(largest, USUALLY_IN_FLIGHT, MOST_IN_FLIGHT);
    }

    NbdExport export() {
        return export;
    }

    NbdPatience patience() {
        return new NbdPatience(settings.patience(), settings.stop(), settings.reporter(), fetched::get);
    }

    /** A connection to the disk that was seen at first, and to no other. */
    NbdConnection connect() throws IOException {
        NbdConnection connection = dial();
        if (connection.export().size() != export.size()) {
            disconnect(connection);
            throw new IOException("the disk has " + connection.export().size() + " bytes now, it had " + export.size());
        }
        return connection;
    }

    void disconnect(NbdConnection connection) {
        settings.stop().forget(connection);
        connections.remove(connection);
        try {
            connection.close();
        } catch (IOException e) {
            // Given up either way.
        }
    }

    private NbdExport firstLook() {
        NbdPatience patience = patience();
        while (true) {
            try {
                endpoint.revive();
                NbdConnection connection = dial();
                disconnect(connection);
                return connection.export();
            } catch (IOException e) {
                patience.afterFailure("Unable to open " + settings.shown(), e, endpoint);
            }
        }
    }

    private NbdConnection dial() throws IOException {
        settings.stop().check();
        NbdConnection connection =
                NbdConnection.open(endpoint.socket(), settings.patience().stallTimeout());
        connections.add(connection);
        settings.stop().closeWhenRaised(connection);
        return connection;
    }
}
