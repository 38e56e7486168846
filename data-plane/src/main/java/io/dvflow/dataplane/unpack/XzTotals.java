package io.dvflow.dataplane.unpack;

/**
 * The blocks of a stream, added up.
 *
 * @param unpadded their sizes as the index counts them
 * @param plain bytes that they hold
 */
record XzTotals(long blocks, long unpadded, long plain) {

    static final XzTotals NONE = new XzTotals(0, 0, 0);

    XzTotals plus(long blockUnpadded, long blockPlain) {
        return new XzTotals(blocks + 1, unpadded + blockUnpadded, plain + blockPlain);
    }
}
