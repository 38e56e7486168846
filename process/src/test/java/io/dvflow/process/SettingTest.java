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
        assertThat(Setting.duration("D", Duration.ofSeconds(9), "how long").from(Map.of()))
                .isEqualTo(Duration.ofSeconds(9));
    }

    @Test
    void aWrongValueIsNamedWithWhatIsExpected() {
        assertThatThrownBy(() -> Setting.positive("DVFLOW_N", 20, "how many").from(Map.of("DVFLOW_N", "-1")))
                .hasMessageContaining("DVFLOW_N")
                .hasMessageContaining("\"-1\"")
                .hasMessageContaining("above 0");
        assertThatThrownBy(() -> Setting.text("DVFLOW_IMAGE", null, "the image").from(Map.of()))
                .hasMessageContaining("DVFLOW_IMAGE is not set");
    }
}
