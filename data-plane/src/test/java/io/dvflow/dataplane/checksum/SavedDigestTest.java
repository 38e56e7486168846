package io.dvflow.dataplane.checksum;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The same digests as the JVM's, interrupted wherever it may be. */
class SavedDigestTest {

    @ParameterizedTest
    @EnumSource
    void goesOnInAnotherPlace(DigestAlgorithm algorithm) throws NoSuchAlgorithmException {
        Random random = new Random(1);
        for (int round = 0; round < 200; round++) {
            byte[] bytes = new byte[random.nextInt(2000)];
            random.nextBytes(bytes);
            int cut = random.nextInt(bytes.length + 1);
            RunningDigest.State state;
            try (SavedDigest first = new SavedDigest(algorithm)) {
                update(first, bytes, 0, cut);
                state = first.state();
            }
            assertThat(algorithm.fits(state, cut)).isTrue();

            try (SavedDigest second = new SavedDigest(algorithm)) {
                second.goOnFrom(state, cut);
                update(second, bytes, cut, bytes.length);

                assertThat(second.digest()).as("cut at " + cut).isEqualTo(jvms(algorithm, bytes));
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void theNumberOfBitsMayTakeMoreThanAWord(DigestAlgorithm algorithm) {
        long hashed = (1L << 33) + algorithm.blockBytes();
        try (SavedDigest once = new SavedDigest(algorithm);
                SavedDigest again = new SavedDigest(algorithm)) {
            byte[] chain = new byte[algorithm.digestBytes()];
            Arrays.fill(chain, (byte) 7);
            once.goOnFrom(new RunningDigest.State(chain, new byte[0]), hashed);
            update(once, new byte[100], 0, 100);
            again.goOnFrom(once.state(), hashed + 100);

            assertThat(again.digest()).isEqualTo(once.digest());
        }
    }

    @ParameterizedTest
    @EnumSource
    void lookingAtTheDigestSpoilsNothing(DigestAlgorithm algorithm) throws NoSuchAlgorithmException {
        byte[] bytes = "some bytes, and some more".getBytes(StandardCharsets.US_ASCII);
        try (SavedDigest digest = new SavedDigest(algorithm)) {
            update(digest, bytes, 0, 10);
            assertThat(digest.digest()).isEqualTo(jvms(algorithm, Arrays.copyOf(bytes, 10)));
            update(digest, bytes, 10, bytes.length);

            assertThat(digest.digest()).isEqualTo(jvms(algorithm, bytes));
        }
    }

    @ParameterizedTest
    @EnumSource
    void aStateOfAnotherLengthFitsNothing(DigestAlgorithm algorithm) {
        byte[] chain = new byte[algorithm.digestBytes()];

        assertThat(algorithm.fits(new RunningDigest.State(new byte[3], new byte[0]), 0))
                .isFalse();
        assertThat(algorithm.fits(new RunningDigest.State(chain, new byte[1000]), 1000))
                .isFalse();
    }

    private static void update(SavedDigest digest, byte[] bytes, int from, int to) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment all = arena.allocateFrom(ValueLayout.JAVA_BYTE, bytes);
            digest.update(all.asSlice(from, to - from));
        }
    }

    private static byte[] jvms(DigestAlgorithm algorithm, byte[] bytes) throws NoSuchAlgorithmException {
        String name = algorithm.label().replace("sha", "SHA-").replace("md5", "MD5");
        return MessageDigest.getInstance(name).digest(bytes);
    }
}
