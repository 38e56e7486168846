package io.dvflow.transfer;

import java.util.List;
import java.util.Optional;

/**
 * What of a disk is durable on its target, so that a later attempt need not move it again.
 *
 * @param source what the bytes were read from; another source makes the map worthless
 * @param finished ranges of the <em>virtual disk</em> that are flushed to the target: ascending, disjoint, coalesced.
 *     Ranges that hold zeros count as well. Of an archive, bytes of its stream.
 * @param stream for a disk or an archive that arrives in order: where its stream can be taken up again, at or before the end of the first
 *     finished range; for one that does not, but has a checksum: how far its source has been hashed
 */
public record ResumeMap(SourcePin source, List<ByteRange> finished, Optional<Mark> stream) {

    /** Ranges in what a transfer reports: a map has to fit into a log line, a heartbeat and a pod's annotation. */
    public static final int MOST_RANGES = 256;

    public ResumeMap {
        finished = List.copyOf(finished);
        stream = stream == null ? Optional.empty() : stream;
    }

    public ResumeMap(SourcePin source, List<ByteRange> finished) {
        this(source, finished, Optional.empty());
    }

    /** Bytes that need not be moved again. */
    public long finishedBytes() {
        return finished.stream().mapToLong(ByteRange::length).sum();
    }

    /**
     * The identity of a source at the moment of reading.
     *
     * @param url without user information and query, for people to read; it is not compared, redirects may change it
     * @param length bytes of the source
     * @param strongEtag the entity tag, if the server gave a strong one
     * @param lastModified the {@code Last-Modified} header as sent
     */
    public record SourcePin(String url, long length, Optional<String> strongEtag, Optional<String> lastModified) {

        public SourcePin {
            strongEtag = strongEtag == null ? Optional.empty() : strongEtag;
            lastModified = lastModified == null ? Optional.empty() : lastModified;
        }

        /** Whether both were certainly read from the same bytes: same length, and a validator that both have and share. */
        public boolean sameContentAs(SourcePin other) {
            if (length != other.length) {
                return false;
            }
            if (strongEtag.isPresent() || other.strongEtag.isPresent()) {
                return strongEtag.equals(other.strongEtag);
            }
            return lastModified.isPresent() && lastModified.equals(other.lastModified);
        }

        /** Whether a later attempt can tell that the source still has the same content. */
        public boolean canBeRecognized() {
            return sameContentAs(this);
        }
    }

    /** {@code length} bytes from {@code offset} on. */
    public record ByteRange(long offset, long length) {
        public ByteRange {
            if (offset < 0 || length <= 0) {
                throw new IllegalArgumentException("Byte range " + offset + "+" + length + " is empty or negative");
            }
        }

        public long end() {
            return offset + length;
        }
    }
}
