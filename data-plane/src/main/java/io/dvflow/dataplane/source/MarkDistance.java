package io.dvflow.dataplane.source;

/**
 * How far apart the places are at which a stream can be taken up. A mark costs a flush, and within gzip a third of a
 * millisecond and up to 44 KiB in each report.
 *
 * @param source bytes of the source that are fetched again at most, as far as the marks go
 * @param stream bytes of what is made from them that are written again at most
 */
public record MarkDistance(long source, long stream) {
    public static final MarkDistance USUAL = new MarkDistance(8L << 20, 64L << 20);
}
