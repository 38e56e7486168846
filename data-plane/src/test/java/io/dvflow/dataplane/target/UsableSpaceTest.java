package io.dvflow.dataplane.target;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class UsableSpaceTest {

    @ParameterizedTest
    @CsvSource({
        // What was asked for fits: it is what one gets, without a second deduction.
        "1073741824, 1110000000, 0.06, 1073741824",
        "1073741824, 1073741824, 0.06, 1073741824",
        // It does not fit: CDI's usable share of what is free.
        "1073741824, 1073741823, 0.06, 1012924416",
        "1073741824, 1000000000, 0.0, 999292928",
        // Sectors are whole.
        "1000000001, 2000000000, 0.06, 1000000512",
        "1024, 0, 0.06, 0",
    })
    void isWhatWasAskedForWhereverThatFits(long requested, long available, double overhead, long expected) {
        assertThat(UsableSpace.finishedSize(requested, available, overhead)).isEqualTo(expected);
    }
}
