package io.dvflow.dataplane.checksum;

import java.lang.foreign.MemorySegment;

/** A digest that can be interrupted and taken up by another process. Not safe for use by many threads. */
interface RunningDigest extends AutoCloseable {

    /**
     * What has been hashed.
     *
     * @param chain what one block hands on to the next
     * @param rest the beginning of a block that is not whole yet
     */
    record State(byte[] chain, byte[] rest) {}

    /** Takes up another digest's work, whose state {@link Algorithm#fits}. */
    void goOnFrom(State state, long hashed);

    State state();

    /** @param bytes outside the heap */
    void update(MemorySegment bytes);

    /** The digest of what has been hashed so far. */
    byte[] digest();

    @Override
    void close();
}
