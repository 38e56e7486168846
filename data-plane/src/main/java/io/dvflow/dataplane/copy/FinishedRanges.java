package io.dvflow.dataplane.copy;

import io.dvflow.dataplane.image.DiskImage;
import io.dvflow.transfer.ResumeMap.ByteRange;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** A set of byte ranges of the virtual disk, kept joined. Safe for use by many threads. */
final class FinishedRanges implements DiskImage.Known {

    /** Start to end. */
    private final TreeMap<Long, Long> ranges = new TreeMap<>();

    private long bytes;

    synchronized void add(long offset, long length) {
        long start = offset;
        long end = offset + length;
        Map.Entry<Long, Long> before = ranges.floorEntry(start);
        if (before != null && before.getValue() >= start) {
            start = before.getKey();
            end = Math.max(end, before.getValue());
        }
        for (Map.Entry<Long, Long> next = ranges.ceilingEntry(start);
                next != null && next.getKey() <= end;
                next = ranges.ceilingEntry(start)) {
            end = Math.max(end, next.getValue());
            bytes -= next.getValue() - next.getKey();
            ranges.remove(next.getKey());
        }
        ranges.put(start, end);
        bytes += end - start;
    }

    @Override
    public synchronized boolean covers(long offset, long length) {
        Map.Entry<Long, Long> entry = ranges.floorEntry(offset);
        return entry != null && entry.getValue() >= offset + length;
    }

    /** The first stretch of the range that is not in the set; null if all of it is. */
    synchronized ByteRange firstMissing(long offset, long length) {
        long end = offset + length;
        Map.Entry<Long, Long> covering = ranges.floorEntry(offset);
        long start = covering == null ? offset : Math.max(offset, covering.getValue());
        if (start >= end) {
            return null;
        }
        Long next = ranges.higherKey(start);
        return new ByteRange(start, Math.min(end, next == null ? end : next) - start);
    }

    synchronized long bytes() {
        return bytes;
    }

    /** The set, or if it has more than {@code most} ranges, the largest of them. */
    synchronized List<ByteRange> snapshot(int most) {
        List<ByteRange> all = new ArrayList<>();
        ranges.forEach((start, end) -> all.add(new ByteRange(start, end - start)));
        if (all.size() <= most) {
            return all;
        }
        all.sort(Comparator.comparingLong(ByteRange::length).reversed());
        return all.subList(0, most).stream()
                .sorted(Comparator.comparingLong(ByteRange::offset))
                .toList();
    }
}
