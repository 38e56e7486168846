package io.dvflow.dataplane.source.imageio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dvflow.dataplane.image.ExtentImage;
import io.dvflow.dataplane.image.Run;
import io.dvflow.transfer.ResumeMap.ByteRange;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A host's list of extents is only believed where it adds up to the disk. */
class ImageIoExtentsTest {

    private static final String LIST = """
            [{"start": 0, "length": 65536, "zero": false, "hole": false},
             {"start": 65536, "length": 131072, "zero": true, "hole": false},
             {"start": 196608, "length": 65536, "zero": true, "hole": true}]""";

    @Test
    void holesAreZerosOfAWholeDisk() throws IOException {
        ExtentImage image = ImageIoExtents.parse(bytes(LIST), false, 262_144);

        assertThat(runs(image)).containsExactly(new Run.Data(0, 65_536, 0), new Run.Zero(65_536, 196_608));
        assertThat(image.unchanged()).isEmpty();
        assertThat(image.granularity() % 4096).isZero();
    }

    @Test
    void holesOfADeltaStayAsTheyAre() throws IOException {
        ExtentImage image = ImageIoExtents.parse(bytes(LIST), true, 262_144);

        assertThat(runs(image)).containsExactly(new Run.Data(0, 65_536, 0), new Run.Zero(65_536, 131_072));
        assertThat(image.unchanged()).containsExactly(new ByteRange(196_608, 65_536));
    }

    @Test
    void whatAnOldHostDoesNotSayIsNull() throws IOException {
        String old = LIST.replace("\"hole\": true", "\"hole\": null").replace("\"hole\": false", "\"hole\": null");

        assertThat(runs(ImageIoExtents.parse(bytes(old), false, 262_144)))
                .containsExactly(new Run.Data(0, 65_536, 0), new Run.Zero(65_536, 196_608));
    }

    @Test
    void whatIsNoListIsNotRepeated() {
        assertThatThrownBy(() -> ImageIoExtents.parse(bytes("[{\"s3cret\" 1}]"), false, 8192))
                .isInstanceOf(IOException.class)
                .hasMessage("the host's list of extents is no JSON");
    }

    @Test
    void aDeltaNeedsAHostThatTellsHolesFromZeros() {
        String flat = LIST.replace("\"hole\": true", "\"hole\": false");

        assertThatThrownBy(() -> ImageIoExtents.parse(bytes(flat), true, 262_144))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("does not tell zeros");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "null",
                "{}",
                "[",
                "[]",
                "[1]",
                "[{}]",
                "[{\"start\": 0, \"length\": 4096}]",
                "[{\"start\": 0, \"length\": 8193}]",
                "[{\"start\": 4096, \"length\": 4096}]",
                "[{\"start\": 0, \"length\": 4096}, {\"start\": 0, \"length\": 8192}]",
                "[{\"start\": 0, \"length\": 8192}, {\"start\": 8192, \"length\": 0}]",
                "[{\"start\": 0, \"length\": -8192}]",
                "[{\"start\": 0, \"length\": 9223372036854775807}]",
                "[{\"start\": 0, \"length\": 92233720368547758070}]",
                "[{\"start\": 0, \"length\": \"8192\"}]",
                "[{\"start\": 0, \"length\": 8192",
            })
    void believesNothingThatDoesNotAddUp(String list) {
        assertThatThrownBy(() -> ImageIoExtents.parse(bytes(list), false, 8192)).isInstanceOf(IOException.class);
    }

    private static List<Run> runs(ExtentImage image) {
        List<Run> runs = new ArrayList<>();
        image.runs((guest, length) -> false).forEachRemaining(runs::add);
        return runs;
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
