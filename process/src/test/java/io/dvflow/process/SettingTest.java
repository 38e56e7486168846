package io.dvflow.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;

class SettingTest {

    @Test
    void anUnsetOrEmptyVariableHasItsDefault() {
        var setting = Setting.positive("DVFLOW_N", 20, "how many");

        assertThat(setting.from(Map.of())).isEqualTo(20);
        assertThat(setting.from(Map.of("DVFLOW_N", " "))).isEqualTo(20);
        assertThat(setting.from(Map.of("DVFLOW_N", "3"))).isEqualTo(3);
        assertThat(Setting.port("DVFLOW_PORT", 8443, "the port").from(Map.of("DVFLOW_PORT", "0")))
                .isZero();
        assertThat(Setting.duration("D", Duration.ofSeconds(9), "how long").from(Map.of()))
                .isEqualTo(Duration.ofSeconds(9));
    }

    @Test
    void aWrongValueIsNamedWithWhatIsExpected() {
        assertThatThrownBy(() -> Setting.positive("DVFLOW_N", 20, "how many").from(Map.of("DVFLOW_N", "-1")))
                .hasMessageContaining("DVFLOW_N")
                .hasMessageContaining("\"-1\"")
                .hasMessageContaining("above 0");
        assertThatThrownBy(() -> Setting.port("DVFLOW_PORT", 8443, "the port").from(Map.of("DVFLOW_PORT", "65536")))
                .hasMessageContaining("\"65536\"")
                .hasMessageContaining("0 to 65535");
        assertThatThrownBy(() -> Setting.text("DVFLOW_IMAGE", null, "the image").from(Map.of()))
                .hasMessageContaining("DVFLOW_IMAGE is not set");
    }
}
