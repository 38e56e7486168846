package io.dvflow.dataplane.source.registry;

import static org.assertj.core.api.Assertions.assertThat;

import io.dvflow.dataplane.report.Reporter;
import io.dvflow.transfer.TransferReport;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** The environment of an image as labels, by CDI's rule; what Kubernetes would refuse is left out. */
class ImageLabelsTest {

    private final List<TransferReport> said = new ArrayList<>();

    @Test
    void variablesBecomeLabels() {
        assertThat(labels(
                        "PATH=/usr/bin",
                        "INSTANCETYPE_KUBEVIRT_IO_DEFAULT_INSTANCETYPE=u1.small",
                        "INSTANCETYPE_KUBEVIRT_IO_DEFAULT_PREFERENCE=fedora",
                        "KUBEVIRT_IO_OS=",
                        "A_B_KUBEVIRT_IO_C=1"))
                .isEqualTo(Map.of(
                        "instancetype.kubevirt.io/default-instancetype", "u1.small",
                        "instancetype.kubevirt.io/default-preference", "fedora",
                        "kubevirt.io/os", "",
                        "a.b.kubevirt.io/c", "1"));
        assertThat(said).isEmpty();
    }

    @Test
    void whatIsNoLabelIsLeftOutAndSaid() {
        assertThat(labels(
                        "KUBEVIRT_IO_A=two words",
                        "KUBEVIRT_IO_=x",
                        "KUBEVIRT_IO_" + "B".repeat(64) + "=x",
                        "KUBEVIRT_IO_C=" + "c".repeat(64),
                        "X" + "KUBEVIRT_IO_D=x",
                        "..._KUBEVIRT_IO_E=x",
                        "KUBEVIRT_IO_F",
                        "G=KUBEVIRT_IO_G"))
                .isEqualTo(Map.of("x.kubevirt.io/d", "x"));
        assertThat(said).hasSize(5);
    }

    @Test
    void thousandsAreNotHandedOn() {
        String[] many = IntStream.range(0, 10_000)
                .mapToObj(i -> "KUBEVIRT_IO_LABEL_" + i + "=" + "v".repeat(60))
                .toArray(String[]::new);

        assertThat(labels(many)).hasSizeBetween(1, 40);
        assertThat(said).hasSize(1);
    }

    private Map<String, String> labels(String... environment) {
        return ImageLabels.of(List.of(environment), new Reporter(said::add));
    }
}
