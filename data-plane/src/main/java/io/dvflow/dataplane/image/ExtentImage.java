package io.dvflow.dataplane.image;

import io.dvflow.transfer.ResumeMap.ByteRange;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;

/** A raw disk, or what changed on it, of which a server has said what lies where. */
public final class ExtentImage implements DiskImage {

    private final long length;
    private final long[] ends;
    private final Kind[] kinds;

    private ExtentImage(long length, long[] ends, Kind[] kinds) {
        this.length = length;
        this.ends = ends;
        this.kinds = kinds;
    }

    /** What an extent holds. */
    public enum Kind {
        DATA,
        ZERO,
        /** Of a delta: what the target has there already. */
        UNCHANGED
    }

    /** Takes the extents one by one, ascending and without gaps. */
    public static final class Builder {
        private long[] ends = new long[64];
        private Kind[] kinds = new Kind[64];
        private int count;
        private long end;

        /**
         * Neighbours of one kind become one.
         *
         * @throws IllegalArgumentException if the extent is empty, negative, or ends where no disk can end
         */
        public Builder add(long extentLength, Kind kind) {
            if (extentLength <= 0 || Long.MAX_VALUE - SECTOR - end < extentLength) {
                throw new IllegalArgumentException("extent of " + extentLength + " bytes at " + end);
            }
            end += extentLength;
            if (count > 0 && kinds[count - 1] == kind) {
                ends[count - 1] = end;
                return this;
            }
            if (count == ends.length) {
                ends = Arrays.copyOf(ends, 2 * count);
                kinds = Arrays.copyOf(kinds, 2 * count);
            }
            ends[count] = end;
            kinds[count++] = kind;
            return this;
        }

        /** Where the next extent begins. */
        public long end() {
            return end;
        }

        public ExtentImage build() {
            return new ExtentImage(end, Arrays.copyOf(ends, count), Arrays.copyOf(kinds, count));
        }
    }

    @Override
    public String format() {
        return "raw";
    }

    @Override
    public long virtualSize() {
        return Math.ceilDiv(length, SECTOR) * SECTOR;
    }

    @Override
    public long granularity() {
        return Arrays.stream(ends, 0, Math.max(0, ends.length - 1))
                .map(Long::lowestOneBit)
                .min()
                .orElse(1 << 20);
    }

    @Override
    public List<ByteRange> unchanged() {
        List<ByteRange> ranges = new ArrayList<>();
        long from = 0;
        for (int i = 0; i < ends.length; i++) {
            if (kinds[i] == Kind.UNCHANGED) {
                ranges.add(new ByteRange(from, ends[i] - from));
            }
            from = ends[i];
        }
        return ranges;
    }

    @Override
    public Iterator<Run> runs(Known known) {
        return new Runs();
    }

    @Override
    public ClusterDecoder newDecoder() {
        throw new UnsupportedOperationException("A raw disk has no compressed clusters");
    }

    private final class Runs implements Iterator<Run> {
        private int next;
        private long at;

        Runs() {
            skipUnchanged();
        }

        @Override
        public boolean hasNext() {
            return at < virtualSize();
        }

        @Override
        public Run next() {
            if (!hasNext()) {
                throw new NoSuchElementException("After the end of the disk");
            }
            Run run = run();
            at = run.guestEnd();
            next++;
            skipUnchanged();
            return run;
        }

        private Run run() {
            if (next == ends.length) {
                return new Run.Zero(at, virtualSize() - at);
            }
            long bytes = ends[next] - at;
            return kinds[next] == Kind.ZERO ? new Run.Zero(at, bytes) : new Run.Data(at, bytes, at);
        }

        private void skipUnchanged() {
            while (next < ends.length && kinds[next] == Kind.UNCHANGED) {
                at = ends[next++];
            }
        }
    }
}
