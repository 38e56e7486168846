package io.dvflow.transfer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ByteRateTest {

    @ParameterizedTest
    @CsvSource({
        "50Mi, 52428800, 50Mi",
        "1.5Gi, 1610612736, 1536Mi",
        "10M, 10000000, 10000000",
        "1024, 1024, 1Ki",
        "1500, 1500, 1500",
        "0.5, 1, 1",
        "0, 0, 0",
        "1k, 1000, 1000",
    })
    void readsQuantitiesAndWritesThem(String text, long bytes, String written) {
        ByteRate rate = ByteRate.parse(text);

        assertThat(rate.bytesPerSecond()).isEqualTo(bytes);
        assertThat(rate).hasToString(written);
        assertThat(ByteRate.parse(rate.toString())).isEqualTo(rate);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "fast", "-1", "10MB", "10 Mi", "99999Ti", "1e3", "1.", "999999999999999999999"})
    void saysWhatIsExpected(String text) {
        assertThatThrownBy(() -> ByteRate.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("\"" + text + "\"")
                .hasMessageContaining("50Mi");
    }
}
