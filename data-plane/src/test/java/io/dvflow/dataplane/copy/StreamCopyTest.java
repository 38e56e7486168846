package io.dvflow.dataplane.copy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.dvflow.dataplane.report.TransferFailure;
import io.dvflow.dataplane.source.MarkDistance;
import io.dvflow.dataplane.source.SequentialReader;
import io.dvflow.dataplane.stop.StopSignal;
import io.dvflow.dataplane.stop.TransferStopped;
import io.dvflow.dataplane.target.DiskTarget;
import io.dvflow.transfer.FailureReason;
import io.dvflow.transfer.Mark;
import io.dvflow.transfer.ResumeMap.SourcePin;
import java.lang.reflect.Proxy;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class StreamCopyTest {

    private static final int KIB = 1 << 10;
    private static final int MIB = 1 << 20;
    private static final int SIZE = 20 * MIB + 12_345;
    private static final int HOLE_FROM = 5 * MIB + 4 * KIB;
    private static final int HOLE_TO = 9 * MIB;

    private final byte[] bytes = bytes();
    private final byte[] disk = new byte[SIZE];
    private final List<String> writes = new CopyOnWriteArrayList<>();
    private final Semaphore mayWrite = new Semaphore(Integer.MAX_VALUE / 2);
    private final AtomicInteger writesUntilFull = new AtomicInteger(Integer.MAX_VALUE);
    private final Ledger ledger = new Ledger(Optional.empty());
    private final StopSignal stop = new StopSignal();
    private final StreamCopy copy = new StreamCopy(target(), ledger, new MarkDistance(4L * MIB, 4L * MIB), stop);

    @Test
    void everyByteGetsToItsPlaceInWholeMegabytesAndHolesUpToTheNextMark() {
        assertThat(copy.copy(new Bytes(0), SIZE)).isEqualTo(SIZE);

        assertThat(disk).isEqualTo(bytes);
        assertThat(ledger.doneBytes()).isEqualTo(SIZE);
        assertThat(ledger.skippedBytes()).isEqualTo(HOLE_TO - HOLE_FROM);
        assertThat(writes)
                .startsWith("0+1024", "1024+1024", "2048+1024")
                .contains("5120+4", "zero 5124+3068", "zero 8192+1024", "9216+1024");
    }

    @Test
    void whatIsTakenUpInTheMiddleEndsItsFirstWriteAtAMegabyte() {
        copy.copy(new Bytes(3 * MIB - 8 * KIB), SIZE);

        assertThat(writes).startsWith("3064+8", "3072+1024");
        assertThat(ledger.doneBytes()).isEqualTo(SIZE - (3 * MIB - 8 * KIB));
    }

    @Test
    void aMarkCountsOnceAllBeforeItIsWritten() {
        mayWrite.drainPermits();
        Thread copying = Thread.ofPlatform().start(() -> copy.copy(new Bytes(0), SIZE));

        mayWrite.release(3);
        await().until(() -> ledger.doneBytes() == 3 * MIB);
        // The fourth megabyte has been read, for there are buffers; it is not on the disk.
        assertThat(ledger.mark()).isEmpty();
        mayWrite.release(1);
        await().until(() -> ledger.mark().isPresent());
        assertThat(ledger.mark().get().position()).isEqualTo(4 * MIB);
        assertThat(ledger.beginFlush(new SourcePin("", -1, Optional.empty(), Optional.empty()))
                        .finishedBytes())
                .isGreaterThanOrEqualTo(4 * MIB);

        mayWrite.release(1000);
        await().until(() -> !copying.isAlive());
        assertThat(disk).isEqualTo(bytes);
        assertThat(ledger.mark().get().position()).isEqualTo(20 * MIB);
    }

    @Test
    void aFullDiskEndsTheReadingToo() {
        writesUntilFull.set(2);
        Bytes reader = new Bytes(0);

        assertThatThrownBy(() -> copy.copy(reader, SIZE)).hasMessage("the disk is full");
        assertThat(ledger.doneBytes()).isEqualTo(2 * MIB);
        assertThat(reader.position()).isLessThan(10 * MIB);
    }

    @Test
    void aDiskThatFillsUpWithTheLastByteIsNoSuccess() {
        writesUntilFull.set(17);

        assertThatThrownBy(() -> copy.copy(new Bytes(0), SIZE)).hasMessage("the disk is full");
        assertThat(ledger.doneBytes()).isBetween((long) SIZE - MIB, (long) SIZE - 1);
    }

    @Test
    void aStreamThatIsTooLongIsRefusedAtItsFirstByteTooMany() {
        assertThatThrownBy(() -> copy.copy(new Bytes(0), SIZE - 1))
                .isInstanceOfSatisfying(
                        TransferFailure.class,
                        failure -> assertThat(failure.reason()).isEqualTo(FailureReason.TOO_SMALL));
        assertThat(ledger.doneBytes()).isEqualTo(20 * MIB);
    }

    @Test
    void whoeverStopsFindsWrittenWhatWasReadInWhole() {
        Bytes reader = new Bytes(0) {
            @Override
            public int read(ByteBuffer into) {
                if (position() >= 11 * MIB) {
                    stop.raise();
                }
                return super.read(into);
            }
        };

        assertThatThrownBy(() -> copy.copy(reader, SIZE)).isInstanceOf(TransferStopped.class);
        assertThat(ledger.doneBytes()).isEqualTo(11 * MIB);
        assertThat(Arrays.copyOf(disk, 11 * MIB)).isEqualTo(Arrays.copyOf(bytes, 11 * MIB));
    }

    private static byte[] bytes() {
        byte[] bytes = new byte[SIZE];
        new Random(11).nextBytes(bytes);
        Arrays.fill(bytes, HOLE_FROM, HOLE_TO, (byte) 0);
        return bytes;
    }

    /** Comes in pieces of odd sizes. */
    private class Bytes implements SequentialReader {
        private int position;

        Bytes(int position) {
            this.position = position;
        }

        @Override
        public int read(ByteBuffer into) {
            if (position == SIZE) {
                return -1;
            }
            int count = Math.min(into.remaining(), Math.min(99_999 + position % 1000, SIZE - position));
            into.put(bytes, position, count);
            position += count;
            return count;
        }

        @Override
        public long position() {
            return position;
        }

        @Override
        public Mark mark() {
            return Mark.at(position);
        }

        @Override
        public void close() {
            // Nothing is open.
        }
    }

    private DiskTarget target() {
        return (DiskTarget) Proxy.newProxyInstance(
                getClass().getClassLoader(), new Class<?>[] {DiskTarget.class}, (proxy, method, arguments) -> {
                    switch (method.getName()) {
                        case "shortestHole" -> {
                            return 64 * KIB;
                        }
                        case "zero" -> writes.add("zero " + range((long) arguments[0], (long) arguments[1]));
                        case "write" -> write((ByteBuffer) arguments[0], Math.toIntExact((long) arguments[1]));
                        default -> throw new UnsupportedOperationException(method.getName());
                    }
                    return null;
                });
    }

    private void write(ByteBuffer data, int at) {
        mayWrite.acquireUninterruptibly();
        if (writesUntilFull.getAndDecrement() <= 0) {
            throw new IllegalStateException("the disk is full");
        }
        writes.add(range(at, data.remaining()));
        data.get(disk, at, data.remaining());
    }

    private static String range(long at, long length) {
        return at / KIB + "+" + length / KIB;
    }
}
