package io.dvflow.dataplane.source.registry;

import io.dvflow.dataplane.source.ImageSource;
import io.dvflow.dataplane.source.RangeReader;
import io.dvflow.dataplane.source.SequentialRanges;
import io.dvflow.dataplane.source.SequentialReader;
import io.dvflow.dataplane.tar.TarEntry;
import io.dvflow.transfer.Mark;
import io.dvflow.transfer.ResumeMap.SourcePin;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;

/** A file inside a tar file. */
final class FileSlice implements ImageSource {

    private final FileChannel file;
    private final String name;
    private final TarEntry entry;
    private final AtomicLong read;
    private final Facts facts;

    FileSlice(FileChannel file, String name, ContentDigest digest, TarEntry entry, AtomicLong read) {
        this.file = file;
        this.name = name;
        this.entry = entry;
        this.read = read;
        SourcePin pin = new SourcePin(name, entry.size(), Optional.of('"' + digest.toString() + '"'), Optional.empty());
        this.facts = new Facts(pin, true, firstBytes(), Optional.empty());
    }

    private byte[] firstBytes() {
        ByteBuffer first = ByteBuffer.allocate((int) Math.min(FIRST_BYTES, entry.size()));
        try (RangeReader ranges = ranges()) {
            ranges.start(0, first.capacity());
            ranges.readFully(first);
        }
        return first.array();
    }

    @Override
    public Facts facts() {
        return facts;
    }

    @Override
    public RangeReader ranges() {
        return new FileRanges(file, entry.dataAt(), name, read);
    }

    @Override
    public SequentialReader inOrder(Optional<Mark> from) {
        return new SequentialRanges(ranges(), from.map(Mark::position).orElse(0L), entry.size());
    }

    @Override
    public long fetchedBytes() {
        return read.get();
    }
}
