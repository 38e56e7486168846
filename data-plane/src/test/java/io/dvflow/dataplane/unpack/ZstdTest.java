package io.dvflow.dataplane.unpack;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HexFormat;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The fields are those of RFC 8878, 3.1.1.1. */
class ZstdTest {

    @ParameterizedTest
    @CsvSource({
        "of one byte,                          28b52ffd 20 05 0100, 5",
        "of two,                               28b52ffd 60 0100 00, 257",
        "of four,                              28b52ffd a0 00000080 00, 2147483648",
        "of eight,                             28b52ffd e0 0000000001000000 00, 4294967296",
        "behind the window,                    28b52ffd 80 58 00001000 00, 1048576",
        "behind the shortest number,           28b52ffd 21 aa 07 00, 7",
        "behind a longer one,                  28b52ffd 22 aaaa 07 00, 7",
        "behind the longest one and a window,  28b52ffd 43 58 aaaaaaaa 0000 00, 256",
        "not there,                            28b52ffd 00 58 010000, 0",
        "larger than any disk,                 28b52ffd e0 ffffffffffffffff 00, 0",
        "cut off,                              28b52ffd e0 00000000, 0",
        "of a frame to be skipped,             502a4d18 e0 0000000001000000, 0",
        "of nothing,                           28b52ffd, 0"
    })
    void theSizeOfTheContentIsInTheHeader(String where, String header, long size) {
        assertThat(Zstd.contentSize(bytes(header))).as(where).isEqualTo(size);
    }

    @ParameterizedTest
    @CsvSource({
        "28b52ffd 00 00 010000, 1024",
        "28b52ffd 00 58 010000, 2097152",
        "28b52ffd 00 8f 010000, 251658240",
        "28b52ffd 20 05 010000, 0",
        "502a4d18 00 58 010000, 0",
        "28b52ffd, 0"
    })
    void theSizeOfTheWindowIsInTheHeader(String header, long size) {
        assertThat(Zstd.windowSize(bytes(header))).isEqualTo(size);
    }

    private static byte[] bytes(String hex) {
        return HexFormat.of().parseHex(hex.replace(" ", ""));
    }
}
