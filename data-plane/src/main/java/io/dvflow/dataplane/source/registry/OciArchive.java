package io.dvflow.dataplane.source.registry;

import io.dvflow.dataplane.report.Shown;
import io.dvflow.dataplane.report.TransferFailure;
import io.dvflow.dataplane.source.ImageSource;
import io.dvflow.dataplane.source.SequentialRanges;
import io.dvflow.dataplane.tar.TarEntry;
import io.dvflow.dataplane.tar.TarReader;
import io.dvflow.transfer.FailureReason;
import io.dvflow.transfer.TransferJson;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;

/** An OCI image layout in one tar file, as {@code skopeo copy docker://x oci-archive:x.tar} makes it. */
final class OciArchive implements ImageStore {

    private static final String SCHEME = "oci-archive:";
    private static final String TAG = "org.opencontainers.image.ref.name";
    private static final String INDEX = "index.json";
    private static final int MOST_FILES = 100_000;

    private final String url;
    private final Optional<String> tag;
    private final FileChannel file;
    private final Map<String, TarEntry> contents;
    private final AtomicLong read = new AtomicLong();

    private record Index(List<Descriptor> manifests) {}

    private OciArchive(String url, Optional<String> tag, FileChannel file, Map<String, TarEntry> contents) {
        this.url = url;
        this.tag = tag;
        this.file = file;
        this.contents = contents;
    }

    static boolean isOne(String url) {
        return url.startsWith(SCHEME);
    }

    /** @param url {@code oci-archive://path[:tag]}; the path begins at the root of the file system */
    static OciArchive open(String url) {
        String rest = url.substring(SCHEME.length());
        int colon = rest.indexOf(':');
        Path path = Path.of("/" + (colon < 0 ? rest : rest.substring(0, colon))).normalize();
        Optional<String> tag = colon < 0 ? Optional.empty() : Optional.of(rest.substring(colon + 1));
        try {
            FileChannel file = FileChannel.open(path, StandardOpenOption.READ);
            try {
                return new OciArchive(url, tag, file, contents(file, url));
            } catch (RuntimeException | IOException e) {
                file.close();
                throw e;
            }
        } catch (NoSuchFileException e) {
            throw new TransferFailure(
                    FailureReason.NOT_FOUND,
                    "Unable to process data: failed to pull image: " + url + ": there is no file " + path
                            + " in the transfer pod; oci-archive:// names a file of its own image. Push the image to a"
                            + " registry and name it by docker://",
                    e);
        } catch (IOException e) {
            throw unreadable(url, e);
        }
    }

    private static Map<String, TarEntry> contents(FileChannel file, String url) throws IOException {
        Map<String, TarEntry> contents = new HashMap<>();
        long end = file.size();
        for (long at = 0; at < end; ) {
            // A reader anew for each entry, so that what lies between the headers need not be read.
            Optional<TarEntry> entry = new TarReader(
                            new SequentialRanges(new FileRanges(file, 0, url, new AtomicLong()), at, end), url)
                    .next();
            if (entry.isEmpty()) {
                break;
            }
            if (contents.size() == MOST_FILES) {
                throw new TransferFailure(
                        FailureReason.HOSTILE_IMAGE,
                        "Unable to process data: " + url + " holds more than " + MOST_FILES + " files");
            }
            contents.put(entry.get().path(), entry.get());
            at = entry.get().endsAt();
        }
        return contents;
    }

    @Override
    public byte[] namedManifest() {
        Index index;
        try {
            index = TransferJson.read(new String(small(INDEX), StandardCharsets.UTF_8), Index.class);
        } catch (IllegalArgumentException e) {
            throw new TransferFailure(
                    FailureReason.CORRUPT_IMAGE,
                    "Unable to process data: failed to pull image: " + url + ": expected the JSON of an image index in "
                            + INDEX,
                    e);
        }
        List<Descriptor> named = (index.manifests() == null ? List.<Descriptor>of() : index.manifests())
                .stream()
                        .filter(one -> tag.isEmpty() || one.annotation(TAG).equals(tag))
                        .toList();
        if (named.size() != 1) {
            throw new TransferFailure(
                    FailureReason.NOT_FOUND,
                    "Unable to process data: failed to pull image: " + url + ": expected one image"
                            + tag.map(name -> " with the name " + Shown.text(name))
                                    .orElse("") + " in " + INDEX + ", found "
                            + named.size() + "; name one by oci-archive://path:tag");
        }
        return manifest(named.getFirst());
    }

    @Override
    public byte[] manifest(Descriptor descriptor) {
        return document(descriptor, "manifest");
    }

    @Override
    public byte[] configuration(Descriptor descriptor) {
        return document(descriptor, "configuration");
    }

    private byte[] document(Descriptor descriptor, String what) {
        descriptor.requireDocument(what);
        byte[] content = small(pathOf(descriptor));
        descriptor.requireContent(content, what + " in " + url);
        return content;
    }

    @Override
    public ImageSource blob(Descriptor descriptor) {
        TarEntry entry = entry(pathOf(descriptor));
        descriptor.requireSize(entry.size(), "layer");
        return new FileSlice(file, url, descriptor.contentDigest(), entry, read);
    }

    private byte[] small(String path) {
        TarEntry entry = entry(path);
        if (entry.size() > LARGEST_DOCUMENT) {
            throw new TransferFailure(
                    FailureReason.HOSTILE_IMAGE,
                    "Unable to process data: " + path + " in " + url + " has " + entry.size() + " bytes; at most "
                            + LARGEST_DOCUMENT + " are read");
        }
        ByteBuffer content = ByteBuffer.allocate((int) entry.size());
        FileRanges ranges = new FileRanges(file, entry.dataAt(), url, read);
        ranges.start(0, entry.size());
        ranges.readFully(content);
        return content.array();
    }

    private TarEntry entry(String path) {
        TarEntry entry = contents.get(path);
        if (entry == null) {
            throw new TransferFailure(
                    FailureReason.CORRUPT_IMAGE,
                    "Unable to process data: failed to pull image: " + url + " holds no " + path
                            + "; an OCI image layout does. Make it with 'skopeo copy ... oci-archive:FILE'");
        }
        return entry;
    }

    private static String pathOf(Descriptor descriptor) {
        ContentDigest digest = descriptor.contentDigest();
        return "blobs/" + digest.algorithm() + "/" + digest.hex();
    }

    static TransferFailure unreadable(String url, IOException e) {
        return new TransferFailure(
                FailureReason.CONNECTION_FAILED, "Unable to process data: cannot read " + url + ": " + e, e);
    }

    @Override
    public long fetchedBytes() {
        return read.get();
    }

    @Override
    public String toString() {
        return url;
    }

    @Override
    public void close() {
        try {
            file.close();
        } catch (IOException e) {
            throw unreadable(url, e);
        }
    }
}
