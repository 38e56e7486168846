package io.dvflow.starter.output;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class OutputTest {
    @ParameterizedTest
    @CsvSource({"0,0s", "59,59s", "60,1m", "200,3m20s", "3600,1h", "7500,2h5m", "273600,3d4h", "-5,0s"})
    void durationsShowTheirTwoLargestUnits(long seconds, String text) {
        assertThat(Durations.text(Duration.ofSeconds(seconds))).isEqualTo(text);
    }

    @ParameterizedTest
    @CsvSource({"90,90", "90s,90", "10m,600", "1h30m,5400", "1d,86400"})
    void durationsAreReadAsPeopleWriteThem(String text, long seconds) {
        assertThat(Durations.parse(text)).hasSeconds(seconds);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "soon", "-5s", "1.5h", "10m5h", "99999999999999999999s"})
    void otherDurationsAreRefusedWithAnExample(String text) {
        assertThatThrownBy(() -> Durations.parse(text)).hasMessageContaining("90s, 10m or 1h30m");
    }

    @ParameterizedTest
    @CsvSource({"0,0 B", "1023,1023 B", "1536,1.5 KiB", "1073741824,1.0 GiB", "9223372036854775807,8.0 EiB"})
    void sizesUseBinaryUnits(long bytes, String text) {
        assertThat(Sizes.text(bytes)).isEqualTo(text);
    }

    @Test
    void columnsAreAsWideAsTheirWidestCell() {
        var table = new Table(List.of("NAME", "PHASE"));
        table.row(List.of("a-long-name", ""));
        table.row(List.of("b", "Succeeded"));

        assertThat(table.draw()).isEqualTo("""
                        NAME          PHASE
                        a-long-name
                        b             Succeeded
                        """);
    }

    @Test
    void yamlQuotesWhatWouldOtherwiseChangeItsType() {
        assertThat(OutputFormat.YAML.write(Map.of("paused", "true"))).isEqualTo("paused: \"true\"\n");
        assertThat(OutputFormat.YAML.write(Map.of("size", "10"))).isEqualTo("size: \"10\"\n");
    }

    @Test
    void sequencesAreJsonLinesOrYamlDocuments() {
        assertThat(OutputFormat.JSON.writeInSequence(Map.of("a", 1))).isEqualTo("{\"a\":1}\n");
        assertThat(OutputFormat.YAML.writeInSequence(Map.of("a", 1))).isEqualTo("---\na: 1\n");
    }
}
