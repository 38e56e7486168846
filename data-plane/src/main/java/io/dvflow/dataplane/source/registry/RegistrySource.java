package io.dvflow.dataplane.source.registry;

import io.dvflow.dataplane.report.Reporter;
import io.dvflow.dataplane.report.Shown;
import io.dvflow.dataplane.source.ImageSource;
import io.dvflow.dataplane.source.RangeReader;
import io.dvflow.dataplane.source.SequentialReader;
import io.dvflow.dataplane.source.http.HttpAccess;
import io.dvflow.transfer.Mark;
import io.dvflow.transfer.ResumeMap.SourcePin;
import io.dvflow.transfer.TransferSource;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/**
 * A disk in a container image, read out of the layer that holds it. In order only, because every stored byte of the layer has
 * to be hashed.
 */
public final class RegistrySource implements ImageSource {

    private final ImageStore store;
    private final DiskSearch.Found found;
    private final Map<String, String> labels;
    private final Facts facts;
    /** Where the disk can be read again from its first byte. */
    private final Mark start;
    /** The reader that found the disk, until somebody reads from it. */
    private Optional<DiskReader> opened;

    private RegistrySource(ImageStore store, DiskSearch.Found found, Map<String, String> labels) {
        this.store = store;
        this.found = found;
        this.labels = labels;
        this.start = found.reader().mark();
        this.opened = Optional.of(found.reader());
        this.facts = new Facts(pin(store, found), false, found.reader().look(FIRST_BYTES), Optional.empty());
    }

    /**
     * Finds the image, the layer and the file.
     *
     * @param access believes any certificate if the source says that the registry is insecure
     */
    public static RegistrySource open(
            TransferSource.Registry source, HttpAccess access, Reading reading, Reporter reporter) {
        ImageStore store = store(source, access);
        try {
            Manifest manifest = ImageIndex.resolve(store, source.architecture());
            ImageConfig config = ImageConfig.read(store, manifest.config());
            config.check(store, source.architecture());
            Map<String, String> labels = ImageLabels.of(config.environment(), reporter);
            return new RegistrySource(store, new DiskSearch(store, reporter, reading).find(manifest), labels);
        } catch (RuntimeException e) {
            store.close();
            throw e;
        }
    }

    private static ImageStore store(TransferSource.Registry source, HttpAccess access) {
        if (OciArchive.isOne(source.url())) {
            return OciArchive.open(source.url());
        }
        return RegistryClient.connect(
                ImageReference.parse(source.url()),
                source.credentialsDirectory().map(Path::of),
                source.insecure(),
                access);
    }

    /** The layer's digest vouches for the disk's bytes; the name says which file of it is meant. */
    private static SourcePin pin(ImageStore store, DiskSearch.Found found) {
        String etag = '"' + found.layer().digest().toString() + "/"
                + Shown.text(found.disk().path()) + '"';
        return new SourcePin(store.toString(), found.disk().size(), Optional.of(etag), Optional.empty());
    }

    @Override
    public Facts facts() {
        return facts;
    }

    @Override
    public Map<String, String> labels() {
        return labels;
    }

    @Override
    public RangeReader ranges() {
        throw new UnsupportedOperationException("A layer is read in order");
    }

    @Override
    public SequentialReader inOrder(Optional<Mark> from) {
        Optional<DiskReader> untouched = opened;
        opened = Optional.empty();
        if (from.isEmpty() && untouched.isPresent()) {
            return untouched.get();
        }
        untouched.ifPresent(DiskReader::close);
        Mark place = from.orElse(start);
        return DiskReader.at(
                place.position(), found.disk(), found.layer(), found.layer().read(place.below()));
    }

    @Override
    public boolean ridesOutDrops() {
        return found.layer().ridesOutDrops();
    }

    @Override
    public long fetchedBytes() {
        return store.fetchedBytes();
    }

    @Override
    public void close() {
        opened.ifPresent(DiskReader::close);
        opened = Optional.empty();
        store.close();
    }
}
