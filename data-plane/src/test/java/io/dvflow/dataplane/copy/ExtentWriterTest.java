package io.dvflow.dataplane.copy;

import static org.assertj.core.api.Assertions.assertThat;

import io.dvflow.dataplane.target.DiskTarget;
import java.lang.reflect.Proxy;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ExtentWriterTest {
    private static final int KIB = 1 << 10;
    private static final int MIB = 1 << 20;
    private static final int SHORTEST_HOLE = 64 * KIB;

    private final List<String> asked = new ArrayList<>();
    private final List<String> told = new ArrayList<>();
    private final ExtentWriter writer = new ExtentWriter(target(), new Written() {
        @Override
        public void written(long guest, long length) {
            told.add("written " + range(guest, length));
        }

        @Override
        public void skipped(long guest, long length) {
            told.add("skipped " + range(guest, length));
        }
    });

    @Test
    void zerosThatGoOnFromOneWriteToTheNextAreMadeAtOnce() {
        put(zeros(3 * MIB), 0);
        put(data(4 * KIB), 3 * MIB);
        put(zeros(2 * MIB + 508 * KIB), 3 * MIB + 4 * KIB);
        writer.flush();

        assertThat(asked).containsExactly("zero 0+3072", "write 3072+4", "zero 3076+2556");
        assertThat(told).containsExactly("skipped 0+3072", "written 3072+4", "skipped 3076+2556");
    }

    @Test
    void aGreatDealOfZerosIsMadeInParts() {
        put(zeros(20 * MIB), 0);
        writer.flush();

        assertThat(asked).containsExactly("zero 0+16384", "zero 16384+4096");
    }

    @Test
    void zerosElsewhereAreAnotherMatter() {
        put(zeros(MIB), 0);
        put(zeros(MIB), 5 * MIB);
        writer.flush();

        assertThat(asked).containsExactly("zero 0+1024", "zero 5120+1024");
    }

    @Test
    void aFewZerosAreWrittenWithTheDataAroundThem() {
        put(data(4 * KIB), 0);
        put(zeros(SHORTEST_HOLE - 4 * KIB), 4 * KIB);
        put(data(4 * KIB), SHORTEST_HOLE);
        writer.flush();

        assertThat(asked).containsExactly("write 0+68");
    }

    @Test
    void everyHoleThatIsLongEnoughIsFound() {
        Random random = new Random(7);
        for (int round = 0; round < 200; round++) {
            asked.clear();
            byte[] buffer = new byte[MIB];
            List<String> expected = new ArrayList<>();
            int dataFrom = 0;
            for (int at = 0; at < MIB; ) {
                int zeros = Math.min(MIB - at, random.nextInt(40) * 4 * KIB);
                int data = Math.min(MIB - at - zeros, (1 + random.nextInt(40)) * 4 * KIB);
                if (zeros >= SHORTEST_HOLE) {
                    expected.addAll(write(dataFrom, at));
                    expected.add("zero " + range(at, zeros));
                    dataFrom = at + zeros;
                }
                for (int block = at + zeros; block < at + zeros + data; block += 4 * KIB) {
                    buffer[block + random.nextInt(4 * KIB)] = 7;
                }
                at += zeros + data;
            }
            expected.addAll(write(dataFrom, MIB));

            put(buffer, 0);
            writer.flush();

            assertThat(asked).as("round " + round).isEqualTo(expected);
        }
    }

    private static List<String> write(int from, int to) {
        return from < to ? List.of("write " + range(from, to - from)) : List.of();
    }

    @Test
    void nothingIsToldBeforeItIsDone() {
        put(zeros(2 * MIB), 0);
        put(data(4 * KIB), 2 * MIB);

        assertThat(told).isEmpty();
        writer.flush();
        assertThat(told).containsExactlyInAnyOrder("skipped 0+2048", "written 2048+4");
        writer.flush();
        assertThat(told).hasSize(2);
    }

    private void put(byte[] bytes, long guest) {
        writer.put(bytes, 0, bytes.length, guest);
    }

    private static byte[] zeros(int length) {
        return new byte[length];
    }

    private static byte[] data(int length) {
        byte[] bytes = new byte[length];
        Arrays.fill(bytes, (byte) 7);
        return bytes;
    }

    private DiskTarget target() {
        return (DiskTarget) Proxy.newProxyInstance(
                getClass().getClassLoader(), new Class<?>[] {DiskTarget.class}, (proxy, method, arguments) -> {
                    switch (method.getName()) {
                        case "shortestHole" -> {
                            return SHORTEST_HOLE;
                        }
                        case "zero" -> asked.add("zero " + range((long) arguments[0], (long) arguments[1]));
                        case "write" ->
                            asked.add("write " + range((long) arguments[1], ((ByteBuffer) arguments[0]).remaining()));
                        default -> throw new UnsupportedOperationException(method.getName());
                    }
                    return null;
                });
    }

    private static String range(long at, long length) {
        return at / KIB + "+" + length / KIB;
    }
}
