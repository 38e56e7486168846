package io.dvflow.dataplane.source.registry;

import io.dvflow.dataplane.source.SequentialReader;
import io.dvflow.transfer.Mark;
import java.nio.ByteBuffer;
import java.security.MessageDigest;

/** Hashes what passes through it. */
final class DigestedReader implements SequentialReader {

    private final SequentialReader reader;
    private final ContentDigest expected;
    private final String what;
    private final MessageDigest hash;

    DigestedReader(SequentialReader reader, ContentDigest expected, String what) {
        this.reader = reader;
        this.expected = expected;
        this.what = what;
        this.hash = expected.begin();
    }

    @Override
    public int read(ByteBuffer into) {
        ByteBuffer seen = into.duplicate();
        int got = reader.read(into);
        if (got > 0) {
            hash.update(seen.limit(seen.position() + got));
        }
        return got;
    }

    /** @throws io.dvflow.dataplane.report.TransferFailure unless what was read has the expected digest */
    void check() {
        expected.checkHash(hash.digest(), what);
    }

    @Override
    public long position() {
        return reader.position();
    }

    @Override
    public Mark mark() {
        return Mark.at(0);
    }

    @Override
    public void close() {
        reader.close();
    }
}
