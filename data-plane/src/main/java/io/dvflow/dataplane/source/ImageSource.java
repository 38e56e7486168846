package io.dvflow.dataplane.source;

import io.dvflow.transfer.ResumeMap.SourcePin;
import java.util.Optional;

/** Bytes somewhere else that hold a disk image. */
public interface ImageSource {

    /**
     * What the first look at the source showed.
     *
     * @param pin identity of the bytes; length -1 while unknown
     * @param seekable whether ranges can be read
     * @param firstBytes the beginning, up to {@link #FIRST_BYTES}
     * @param contentType as the server names it, if it does
     */
    record Facts(SourcePin pin, boolean seekable, byte[] firstBytes, Optional<String> contentType) {
        public boolean lengthKnown() {
            return pin.length() >= 0;
        }
    }

    /** Enough for every header and for the first tables of small images. */
    int FIRST_BYTES = 64 << 10;

    Facts facts();

    /** For a seekable source; rides out what can be ridden out. */
    RangeReader ranges();

    /**
     * The source from beginning to end in one go; {@link RangeReader#start} has been called. A broken connection ends
     * it. It reaches its end only if the end is proved.
     */
    RangeReader whole();

    /** Bytes fetched so far, over all readers. */
    long fetchedBytes();
}
