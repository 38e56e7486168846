package io.dvflow.dataplane.copy;

import io.dvflow.dataplane.image.ClusterDecoder;
import io.dvflow.dataplane.image.DiskImage;
import io.dvflow.dataplane.image.Run;
import io.dvflow.dataplane.source.RangeParts;
import io.dvflow.dataplane.source.RangeReader;
import io.dvflow.dataplane.source.SequentialReader;
import io.dvflow.dataplane.stop.StopSignal;
import io.dvflow.dataplane.stop.TransferStopped;
import io.dvflow.dataplane.target.DiskTarget;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;

/** Copies an image run by run, over several connections at once, each byte once and straight to its place. */
public final class CopyEngine {

    private static final long ZERO_STEP = 64L << 20;

    private final DiskTarget target;
    private final Ledger ledger;
    private final StopSignal stop;
    private final int workers;

    /** @param stop goes up when anything fails, so that nobody waits for a connection that nobody needs any more */
    public CopyEngine(DiskTarget target, Ledger ledger, StopSignal stop, int workers) {
        this.target = target;
        this.ledger = ledger;
        this.stop = stop;
        this.workers = workers;
    }

    /**
     * Brings everything to its place that is not there yet.
     *
     * @param sourceBytes length of the source
     * @param readers a connection for each worker
     */
    public void copy(DiskImage image, long sourceBytes, Supplier<RangeReader> readers) {
        BatchPlanner planner = new BatchPlanner(
                image.runs(ledger.finished()),
                ledger.finished(),
                new BatchPlanner.Work(image.virtualSize(), sourceBytes, workers));
        AtomicReference<RuntimeException> failure = new AtomicReference<>();
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < workers; i++) {
            threads.add(Thread.ofPlatform().name("copy-" + i).start(() -> {
                try (Worker worker = new Worker(image, readers)) {
                    worker.work(planner);
                } catch (RuntimeException e) {
                    // The first to fail says why; the others only notice that the signal is up.
                    failure.compareAndSet(null, e);
                    stop.raise();
                } catch (Error e) {
                    // Whoever waits has to hear of it.
                    failure.compareAndSet(null, new IllegalStateException("Copying failed: " + e, e));
                    stop.raise();
                }
            }));
        }
        threads.forEach(this::join);
        if (failure.get() != null) {
            throw failure.get();
        }
    }

    /** In steps, so that it can be stopped; what is in its place already is left alone. */
    static void makeZero(long guest, long length, DiskTarget target, Ledger ledger, StopSignal stop) {
        for (long done = 0; done < length; done += ZERO_STEP) {
            stop.check();
            long count = Math.min(ZERO_STEP, length - done);
            if (!ledger.finished().covers(guest + done, count)) {
                target.zero(guest + done, count);
                ledger.skipped(guest + done, count);
            }
        }
    }

    private void join(Thread thread) {
        boolean ended = false;
        while (!ended) {
            try {
                thread.join();
                ended = true;
            } catch (InterruptedException e) {
                stop.raise();
            }
        }
    }

    /** One thread with its connection and its buffers. */
    private final class Worker implements AutoCloseable {
        private final DiskImage image;
        private final Supplier<RangeReader> readers;
        private final ExtentWriter writer = new ExtentWriter(target, ledger);
        private RangeReader reader;
        private ClusterDecoder decoder;
        private byte[] packed = new byte[0];
        private byte[] cluster;

        Worker(DiskImage image, Supplier<RangeReader> readers) {
            this.image = image;
            this.readers = readers;
        }

        void work(BatchPlanner planner) {
            for (Optional<Batch> batch = planner.next(); batch.isPresent(); batch = planner.next()) {
                if (stop.isRaised()) {
                    throw new TransferStopped();
                }
                switch (batch.get()) {
                    case Batch.Zeros zeros -> makeZero(zeros.guest(), zeros.length(), target, ledger, stop);
                    case Batch.Extents extents -> copyExtents(extents);
                    case Batch.Clusters clusters -> copyClusters(clusters);
                    case Batch.Packed packed -> unpack(packed);
                }
            }
        }

        @Override
        public void close() {
            if (reader != null) {
                reader.close();
            }
            if (decoder != null) {
                decoder.close();
            }
        }

        private void copyExtents(Batch.Extents extents) {
            reader().start(extents.hostFrom(), extents.hostTo());
            long position = extents.hostFrom();
            for (Run.Data run : extents.runs()) {
                skip(run.host() - position);
                writer.copy(reader, run.guest(), run.length());
                position = run.host() + run.length();
            }
            writer.flush();
        }

        private void copyClusters(Batch.Clusters batch) {
            int length = (int) (batch.hostTo() - batch.hostFrom());
            if (packed.length < length) {
                packed = new byte[length];
            }
            reader().start(batch.hostFrom(), batch.hostTo());
            reader.readFully(ByteBuffer.wrap(packed, 0, length));
            for (Run.Stored run : batch.runs()) {
                switch (run) {
                    case Run.Data data ->
                        writer.put(packed, (int) (data.host() - batch.hostFrom()), (int) data.length(), data.guest());
                    case Run.Compressed compressed -> {
                        decoder().decode(compressed, packed, (int) (compressed.host() - batch.hostFrom()), cluster);
                        writer.put(cluster, 0, (int) compressed.length(), compressed.guest());
                    }
                    case Run.Packed _ -> throw new IllegalArgumentException("No cluster: " + run);
                }
            }
            writer.flush();
        }

        private ClusterDecoder decoder() {
            if (decoder == null) {
                decoder = image.newDecoder();
                cluster = new byte[decoder.clusterSize()];
            }
            return decoder;
        }

        /** What is written of a block counts only when its end has proved that all of it was right. */
        private void unpack(Batch.Packed packed) {
            RangeReader blocks = new RangeParts(reader(), packed.hostFrom(), packed.hostTo());
            Unproved unproved = new Unproved();
            writer.reportTo(unproved);
            for (Run.Packed run : packed.runs()) {
                try (SequentialReader plain = image.unpack(run, blocks)) {
                    writer.copyAll(plain, run.guest());
                }
            }
            writer.flush();
            writer.reportTo(ledger);
            packed.runs().forEach(run -> ledger.written(run.guest(), run.length()));
            ledger.withoutWrite(unproved.skipped);
        }

        private RangeReader reader() {
            if (reader == null) {
                reader = readers.get();
            }
            return reader;
        }

        private void skip(long bytes) {
            if (bytes > 0) {
                reader.readFully(ByteBuffer.allocate((int) bytes));
            }
        }
    }

    private static final class Unproved implements Written {
        private long skipped;

        @Override
        public void written(long guest, long length) {
            // Too early to be told to anybody.
        }

        @Override
        public void skipped(long guest, long length) {
            skipped += length;
        }
    }
}
