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
import java.lang.reflect.Proxy;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.FutureTask;
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
    private final byte[] disk = fullOfOldData();
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
    void aMarkCountsOnceAllBeforeItIsWrittenAndMadeZero() throws Exception {
        mayWrite.drainPermits();
        Bytes reader = new Bytes(0);
        FutureTask<Long> copying = new FutureTask<>(() -> copy.copy(reader, SIZE));
        Thread.ofPlatform().daemon().start(copying);

        mayWrite.release(3);
        await().until(() -> ledger.doneBytes() == 3 * MIB && reader.position() >= 4 * MIB);
        assertThat(ledger.mark()).as("while the fourth megabyte is only read").isEmpty();
        mayWrite.release(1);
        await().until(() -> ledger.mark().isPresent());
        assertThat(ledger.mark().get().position()).isEqualTo(4 * MIB);

        // The fifth, the beginning of the sixth; what follows up to the mark at eight is zeros.
        mayWrite.release(2);
        await().until(() -> ledger.doneBytes() == HOLE_FROM && mayWrite.hasQueuedThreads());
        assertThat(ledger.mark().get().position())
                .as("while zeros are not made")
                .isEqualTo(4 * MIB);
        mayWrite.release(1);
        await().until(() -> ledger.mark().get().position() == 8 * MIB);
        assertThat(ledger.doneBytes()).isGreaterThanOrEqualTo(8 * MIB);

        mayWrite.release(1000);
        assertThat(copying.get()).isEqualTo(SIZE);
        assertThat(disk).isEqualTo(bytes);
        assertThat(ledger.mark().get().position()).isEqualTo(20 * MIB);
    }

    @Test
    void aWriteThatFailedBeforeTheSourceDidIsTheNews() {
        writesUntilFull.set(2);
        Bytes reader = failingOnceAWriteHas(new IllegalStateException("the server is gone"));

        assertThatThrownBy(() -> copy.copy(reader, SIZE))
                .hasMessage("the disk is full")
                .satisfies(failure -> assertThat(failure.getSuppressed()[0]).hasMessage("the server is gone"));
    }

    @Test
    void bytesThatAreNotWhatTheyShouldBeAreTheNewsWhateverElseFails() {
        writesUntilFull.set(2);
        Bytes reader = failingOnceAWriteHas(new TransferFailure(FailureReason.CHECKSUM_MISMATCH, "wrong bytes"));

        assertThatThrownBy(() -> copy.copy(reader, SIZE)).hasMessage("wrong bytes");
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

    /** Its failure comes second, but while it is read: nothing is written before. */
    private Bytes failingOnceAWriteHas(RuntimeException failure) {
        mayWrite.drainPermits();
        return new Bytes(0) {
            @Override
            public int read(ByteBuffer into) {
                if (position() >= 3 * MIB) {
                    mayWrite.release(1000);
                    await().until(() -> writesUntilFull.get() < 0);
                    throw failure;
                }
                return super.read(into);
            }
        };
    }

    private static byte[] bytes() {
        byte[] bytes = new byte[SIZE];
        new Random(11).nextBytes(bytes);
        Arrays.fill(bytes, HOLE_FROM, HOLE_TO, (byte) 0);
        return bytes;
    }

    private static byte[] fullOfOldData() {
        byte[] disk = new byte[SIZE];
        Arrays.fill(disk, (byte) 0xaa);
        return disk;
    }

    /** Comes in pieces of odd sizes. */
    private class Bytes implements SequentialReader {
        private final AtomicInteger position;

        Bytes(int position) {
            this.position = new AtomicInteger(position);
        }

        @Override
        public int read(ByteBuffer into) {
            int at = position.get();
            if (at == SIZE) {
                return -1;
            }
            int count = Math.min(into.remaining(), Math.min(99_999 + at % 1000, SIZE - at));
            into.put(bytes, at, count);
            position.addAndGet(count);
            return count;
        }

        @Override
        public long position() {
            return position.get();
        }

        @Override
        public Mark mark() {
            return Mark.at(position());
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
                        case "zero" -> zero(Math.toIntExact((long) arguments[0]), Math.toIntExact((long) arguments[1]));
                        case "write" -> write((ByteBuffer) arguments[0], Math.toIntExact((long) arguments[1]));
                        default -> throw new UnsupportedOperationException(method.getName());
                    }
                    return null;
                });
    }

    private void zero(int at, int length) {
        mayWrite.acquireUninterruptibly();
        writes.add("zero " + range(at, length));
        Arrays.fill(disk, at, at + length, (byte) 0);
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
