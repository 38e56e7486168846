package io.dvflow.transfer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import io.dvflow.transfer.ResumeMap.ByteRange;
import io.dvflow.transfer.ResumeMap.SourcePin;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

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

    /** As release 0.1.0 wrote them, by another library: pods and annotations outlive the worker that made them. */
    @Test
    void whatAnEarlierReleaseWroteIsRead() {
        var map = new ResumeMap(
                PIN,
                List.of(new ByteRange(0, 512), new ByteRange(1024, 512)),
                Optional.of(new Mark(500, Map.of("window", "AAEC"), Optional.of(Mark.at(300)))));
        var mapText =
                "{\"source\":{\"url\":\"http://images/disk.qcow2\",\"length\":4096,\"strongEtag\":\"\\\"v1\\\"\"},"
                        + "\"finished\":[{\"offset\":0,\"length\":512},{\"offset\":1024,\"length\":512}],"
                        + "\"stream\":{\"position\":500,\"state\":{\"window\":\"AAEC\"},\"below\":{\"position\":300}}}";
        var planText =
                "{\"operationId\":\"uid-1\",\"attempt\":2,\"source\":{\"kind\":\"registry\",\"url\":\"docker://h/i\"},"
                        + "\"target\":{\"kind\":\"block\",\"path\":\"/dev/disk\"},\"contentType\":\"KUBEVIRT\","
                        + "\"requestedBytes\":1073741824,\"filesystemOverhead\":0.055,\"preallocate\":true,\"resumeFrom\":"
                        + mapText
                        + "}";
        var outcomeText =
                "{\"outcome\":\"complete\",\"message\":\"Import Complete\",\"format\":\"raw\",\"diskBytes\":1,"
                        + "\"fetchedBytes\":2,\"writtenBytes\":3,\"preallocationApplied\":false,\"timeline\":[{\"phase\":\"COPY\","
                        + "\"startedAt\":\"2026-01-01T00:00:00.123456789Z\",\"durationMillis\":4,\"bytes\":5}],"
                        + "\"vddk\":{\"version\":\"8.0.2\",\"host\":\"esx\"}}";

        assertThat(TransferJson.readReport("{\"type\":\"durable\",\"map\":" + mapText + "}"))
                .contains(new TransferReport.Durable(map));
        assertThat(TransferJson.read(planText, TransferPlan.class))
                .isEqualTo(new TransferPlan(
                        "uid-1",
                        2,
                        new TransferSource.Registry(
                                "docker://h/i",
                                Optional.empty(),
                                Optional.empty(),
                                Optional.empty(),
                                false,
                                Optional.empty()),
                        new TransferTarget.BlockDevice("/dev/disk"),
                        TransferPlan.ContentType.KUBEVIRT,
                        1 << 30,
                        0.055,
                        true,
                        Optional.empty(),
                        false,
                        Optional.of(map)));
        assertThat(TransferJson.readOutcome(outcomeText))
                .contains(new TransferOutcome.Complete(
                                "Import Complete",
                                "raw",
                                1,
                                2,
                                3,
                                false,
                                List.of(new PhaseTiming(
                                        TransferPhase.COPY, Instant.parse("2026-01-01T00:00:00.123456789Z"), 4, 5)))
                        .withVddk(Optional.of(new VddkInfo("8.0.2", "esx"))));
    }

    /** What a release reads that is still at work when this one comes. */
    @Test
    void whatIsWrittenHasTheShapeThatEarlierReleasesRead() {
        var note = new TransferReport.Note(TransferReport.Note.Level.INFO, "a <b> 'c' & \u2028 \"d\"\n");
        var failed = new TransferOutcome.Failed(
                ErrorClass.NEEDS_CHANGE,
                FailureReason.NOT_FOUND,
                "404",
                Optional.empty(),
                List.of(new PhaseTiming(TransferPhase.PROBE, Instant.EPOCH, 12, 0)));

        assertThat(TransferJson.write(note))
                .isEqualTo("{\"type\":\"note\",\"level\":\"INFO\",\"text\":\"a <b> 'c' & \\u2028 \\\"d\\\"\\n\"}");
        assertThat(TransferJson.write(failed))
                .isEqualTo("{\"outcome\":\"failed\",\"errorClass\":\"NEEDS_CHANGE\",\"reason\":\"NOT_FOUND\","
                        + "\"message\":\"404\",\"timeline\":[{\"phase\":\"PROBE\","
                        + "\"startedAt\":\"1970-01-01T00:00:00Z\",\"durationMillis\":12,\"bytes\":0}]}");
        assertThat(TransferJson.write(new TransferSource.Blank())).isEqualTo("{\"kind\":\"blank\"}");
    }

    static Stream<Arguments> broken() {
        return Stream.of(
                arguments("", "Found nothing"),
                arguments("null", "Found nothing"),
                arguments("{\"requestedBytes\":1} {}", "malformed JSON"),
                arguments("{'operationId':'u'}", "malformed"),
                arguments("{\"source\":{\"kind\":\"tape\"}}", "TransferSource with kind \"tape\", allowed are "),
                arguments("{\"source\":{}}", "TransferSource with kind null, allowed are "),
                arguments("{\"attempt\":1.5}", "1.5"),
                arguments("{\"attempt\":\"first\"}", "first"),
                arguments("{\"source\":[]}", "Not a JSON Object"),
                arguments("{\"contentType\":\"NEW\"}", "unknown constant at $.contentType"),
                arguments("{\"operationId\":\"u\",\"requestedBytes\":0}", "requestedBytes is 0, must be positive"),
                arguments("{\"source\":" + "[".repeat(100_000), "Nesting"));
    }

    @ParameterizedTest
    @MethodSource("broken")
    void whatIsNoPlanIsSaidToBeNone(String text, String why) {
        assertThatThrownBy(() -> TransferJson.read(text, TransferPlan.class))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("Expected the JSON of a TransferPlan, found: ")
                .hasStackTraceContaining(why);
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

    /** A line is better shown as it is, and a plan better refused, than half understood. */
    @Test
    void aConstantThatIsUnknownIsNotTakenForAMissingOne() {
        String outcome = TransferJson.write(new TransferOutcome.Failed(
                ErrorClass.TRANSIENT,
                FailureReason.NOT_FOUND,
                "404",
                Optional.empty(),
                List.of(new PhaseTiming(TransferPhase.PROBE, Instant.EPOCH, 12, 0))));
        String progress = TransferJson.write(new TransferReport.Progress(TransferPhase.COPY, 1, 1, 1, 1, 1, 1, 1));
        String note = TransferJson.write(new TransferReport.Note(TransferReport.Note.Level.INFO, "text"));

        assertThat(TransferJson.readOutcome(outcome)).isPresent();
        assertThat(TransferJson.readOutcome(outcome.replace("TRANSIENT", "NEW")))
                .isEmpty();
        assertThat(TransferJson.readOutcome(outcome.replace("PROBE", "NEW"))).isEmpty();
        assertThat(TransferJson.readReport(progress)).isPresent();
        assertThat(TransferJson.readReport(progress.replace("COPY", "NEW"))).isEmpty();
        assertThat(TransferJson.readReport(note)).isPresent();
        assertThat(TransferJson.readReport(note.replace("INFO", "NEW"))).isEmpty();
    }

    @Test
    void everyVariantHasAName() {
        for (VariantAdapters.Choice choice : VariantAdapters.CHOICES) {
            assertThat(choice.variants().values())
                    .containsExactlyInAnyOrder(choice.type().getPermittedSubclasses());
        }
        assertThat(VariantAdapters.CHOICES)
                .extracting(VariantAdapters.Choice::type)
                .containsExactlyInAnyOrder(
                        TransferSource.class, TransferTarget.class, TransferReport.class, TransferOutcome.class);
    }

    /** The latest figures are in heartbeats, and whoever reads those may be of another release. */
    @Test
    void temporalsConverterNamesReportsAlike() {
        VariantAdapters.Choice reports = VariantAdapters.CHOICES.stream()
                .filter(choice -> choice.type() == TransferReport.class)
                .findFirst()
                .orElseThrow();

        assertThat(TransferReport.class.getAnnotation(JsonTypeInfo.class).property())
                .isEqualTo(reports.member());
        assertThat(TransferReport.class.getAnnotation(JsonSubTypes.class).value())
                .allSatisfy(
                        type -> assertThat(reports.variants().get(type.name())).isEqualTo(type.value()))
                .hasSameSizeAs(reports.variants().values());
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
