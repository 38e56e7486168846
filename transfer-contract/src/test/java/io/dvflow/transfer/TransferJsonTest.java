package io.dvflow.transfer;

import static org.assertj.core.api.Assertions.assertThat;

import io.dvflow.transfer.ResumeMap.ByteRange;
import io.dvflow.transfer.ResumeMap.SourcePin;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class TransferJsonTest {

    private static final SourcePin PIN =
            new SourcePin("http://images/disk.qcow2", 4096, Optional.of("\"v1\""), Optional.empty());

    @Test
    void planSurvivesTheWayToThePod() {
        var plan = new TransferPlan(
                "uid-1",
                2,
                new TransferSource.Http(
                        "https://images/disk.qcow2",
                        Optional.of("/secret"),
                        Optional.empty(),
                        List.of("X-A: b"),
                        List.of(),
                        Optional.empty(),
                        true,
                        List.of("https://mirror/disk.qcow2")),
                new TransferTarget.DiskFile("/data"),
                TransferPlan.ContentType.KUBEVIRT,
                1 << 30,
                0.055,
                false,
                Optional.of("/scratch"),
                true,
                Optional.of(new ResumeMap(
                        PIN,
                        List.of(new ByteRange(0, 512)),
                        Optional.of(new Mark(500, Map.of("window", "AAEC"), Optional.of(Mark.at(300)))))));

        assertThat(TransferJson.read(TransferJson.write(plan), TransferPlan.class))
                .isEqualTo(plan);
    }

    @Test
    void reportAndOutcomeSurviveTheWayBack() {
        var progress = new TransferReport.Progress(TransferPhase.COPY, 100, 50, 40, 40, 10, 7, 3);
        var failed = new TransferOutcome.Failed(
                ErrorClass.NEEDS_CHANGE,
                FailureReason.NOT_FOUND,
                "404",
                Optional.of(3L),
                List.of(new PhaseTiming(TransferPhase.PROBE, Instant.EPOCH, 12, 0)));

        assertThat(TransferJson.readReport(TransferJson.write(progress))).contains(progress);
        assertThat(TransferJson.readOutcome(TransferJson.write(failed))).contains(failed);
        assertThat(progress.percent()).isEqualTo(50.0);
    }

    @Test
    void aNewerPodMaySayMoreThanWeKnow() {
        var json =
                "{\"outcome\":\"failed\",\"errorClass\":\"TRANSIENT\",\"reason\":\"SOMETHING_NEW\",\"message\":\"m\","
                        + "\"timeline\":[],\"added\":1}";

        assertThat(TransferJson.readOutcome(json))
                .contains(new TransferOutcome.Failed(
                        ErrorClass.TRANSIENT, FailureReason.UNKNOWN, "m", Optional.empty(), List.of()));
    }

    @Test
    void linesThatAreNotOursAreNoReports() {
        assertThat(TransferJson.readReport("WARNING: A restricted method has been called"))
                .isEmpty();
        assertThat(TransferJson.readReport("{\"type\":\"unheard-of\"}")).isEmpty();
        assertThat(TransferJson.readOutcome(null)).isEmpty();
    }

    @Test
    void aSourceIsTheSameOnlyWhenAValidatorSaysSo() {
        var noValidator = new SourcePin("u", 4096, Optional.empty(), Optional.empty());

        assertThat(PIN.sameContentAs(new SourcePin("other", 4096, Optional.of("\"v1\""), Optional.of("date"))))
                .isTrue();
        assertThat(PIN.sameContentAs(new SourcePin("u", 4096, Optional.of("\"v2\""), Optional.empty())))
                .isFalse();
        assertThat(PIN.sameContentAs(new SourcePin("u", 4097, Optional.of("\"v1\""), Optional.empty())))
                .isFalse();
        assertThat(noValidator.sameContentAs(noValidator)).isFalse();
    }
}
