package io.dvflow.dataplane.source.registry;

import io.dvflow.dataplane.report.Reporter;
import io.dvflow.dataplane.report.Shown;
import io.dvflow.dataplane.report.TransferFailure;
import io.dvflow.dataplane.tar.TarEntry;
import io.dvflow.dataplane.tar.TarEntry.Kind;
import io.dvflow.dataplane.tar.TarReader;
import io.dvflow.transfer.FailureReason;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Looks for the disk: the first file below {@code disk/} that a container of the image would see. The uppermost layer comes
 * first, because what is there hides what is below, and because the disk is nearly always the last thing an image is given:
 * the layers beneath it are never fetched.
 */
final class DiskSearch {

    private static final String DIRECTORY = "disk";
    private static final int MOST_LAYERS = 1000;
    private static final int NAMED_LINKS = 3;

    private final ImageStore store;
    private final Reporter reporter;
    private final Reading reading;
    private final Whiteouts whiteouts = new Whiteouts();
    private final List<String> links = new ArrayList<>();

    DiskSearch(ImageStore store, Reporter reporter, Reading reading) {
        this.store = store;
        this.reporter = reporter;
        this.reading = reading;
    }

    /** @param reader at the disk's first byte, for whoever closes it */
    record Found(Layer layer, TarEntry disk, DiskReader reader) {}

    /** @throws TransferFailure if a layer cannot be read, or none holds a disk */
    Found find(Manifest manifest) {
        List<Descriptor> layers = manifest.layers();
        if (layers.size() > MOST_LAYERS) {
            throw new TransferFailure(
                    FailureReason.HOSTILE_IMAGE,
                    "Unable to process data: " + store + " has " + layers.size() + " layers; at most " + MOST_LAYERS
                            + " are looked at");
        }
        for (int i = layers.size() - 1; i >= 0; i--) {
            if (i < layers.size() - 1) {
                reporter.info("No disk in the layers above layer " + (i + 1) + " of " + layers.size());
            }
            Optional<Found> found = lookInto(Layer.open(store, layers.get(i), reading));
            if (found.isPresent()) {
                return found.get();
            }
        }
        throw new TransferFailure(
                FailureReason.NOT_FOUND,
                "Unable to process data: Failed to find VM disk image file in the container image: none of the "
                        + layers.size() + " layers of " + store + " has a file below " + DIRECTORY + "/"
                        + (links.isEmpty() ? "" : ", only links and devices: " + links)
                        + ". Build the image with 'COPY disk.img /disk/'");
    }

    private Optional<Found> lookInto(Layer layer) {
        LayerReader archive = layer.read(Optional.empty());
        try {
            Optional<Found> found = lookInto(layer, archive);
            if (found.isEmpty()) {
                archive.close();
            }
            return found;
        } catch (RuntimeException e) {
            archive.close();
            throw e;
        }
    }

    private Optional<Found> lookInto(Layer layer, LayerReader archive) {
        TarReader entries = new TarReader(archive, layer.toString());
        for (Optional<TarEntry> entry = entries.next(); entry.isPresent(); entry = entries.next()) {
            if (isDisk(entry.get())) {
                return Optional.of(found(layer, archive, entry.get()));
            }
        }
        archive.readToEnd();
        whiteouts.endOfLayer();
        return Optional.empty();
    }

    private boolean isDisk(TarEntry entry) {
        String path = entry.path();
        boolean above = path.equals(DIRECTORY) || Whiteouts.hidesDirectory(path, DIRECTORY);
        boolean below = path.startsWith(DIRECTORY + "/");
        if (!above && !below) {
            return false;
        }
        if (below && entry.kind() == Kind.FILE && !Whiteouts.isMark(path) && !whiteouts.hide(path)) {
            return true;
        }
        if (below && entry.kind() != Kind.FILE && entry.kind() != Kind.DIRECTORY && links.size() < NAMED_LINKS) {
            links.add(Shown.text(path));
        }
        whiteouts.note(path, entry.kind() == Kind.DIRECTORY);
        return false;
    }

    private Found found(Layer layer, LayerReader archive, TarEntry disk) {
        String name = Shown.text(disk.name());
        if (disk.sparse()) {
            throw new TransferFailure(
                    FailureReason.UNSUPPORTED_FORMAT,
                    "Unable to process data: " + name + " in " + layer + " is stored as a sparse file (GNU tar"
                            + " --sparse), which is not supported. Build the image without that option");
        }
        if (disk.size() == 0) {
            throw new TransferFailure(
                    FailureReason.CORRUPT_IMAGE,
                    "Unable to process data: " + name + " in " + layer + " is empty, 0 bytes long");
        }
        reporter.info("The disk is " + name + ", " + disk.size() + " bytes, in " + layer);
        return new Found(layer, disk, DiskReader.at(0, disk, layer, archive));
    }
}
