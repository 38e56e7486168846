package io.dvflow.starter.intent;

import static io.dvflow.starter.operation.DataVolumes.in;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.InstanceOfAssertFactories.type;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.dvflow.api.DvflowAnnotations;
import io.dvflow.api.Reasons;
import io.dvflow.api.v1beta1.DataVolumePhase;
import io.dvflow.starter.operation.DataVolumes;
import io.dvflow.starter.operation.Hints;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

class DecideTest {
    private static final DataVolumePhase BUSY = DataVolumePhase.IMPORT_IN_PROGRESS;

    @ParameterizedTest
    @MethodSource
    void whatIsWrittenDependsOnlyOnTheRequest(
            Verb verb, DataVolumes dataVolume, Map<String, Optional<String>> annotations) {
        assertThat(decide(verb, dataVolume))
                .asInstanceOf(type(Decision.Write.class))
                .extracting(Decision.Write::annotations)
                .isEqualTo(annotations);
    }

    static Stream<Arguments> whatIsWrittenDependsOnlyOnTheRequest() {
        return Stream.of(
                arguments(Verb.PAUSE, in(BUSY), Map.of(DvflowAnnotations.PAUSED, Optional.of("true"))),
                arguments(Verb.RESUME, paused(), Map.of(DvflowAnnotations.PAUSED, Optional.empty())),
                arguments(Verb.RETRY, in(BUSY), Map.of(DvflowAnnotations.RETRY, Optional.of("token"))),
                arguments(Verb.CANCEL, in(BUSY), Map.of(DvflowAnnotations.CANCELLED, Optional.of("true"))),
                arguments(Verb.SET_RATE_LIMIT, in(BUSY), Map.of(DvflowAnnotations.RATE_LIMIT, Optional.of("50Mi"))),
                arguments(Verb.SET_RATE_LIMIT, paused(), Map.of(DvflowAnnotations.RATE_LIMIT, Optional.of("50Mi"))),
                arguments(Verb.CANCEL, paused(), Map.of(DvflowAnnotations.CANCELLED, Optional.of("true"))));
    }

    @ParameterizedTest
    @MethodSource
    void whatIsSoAlreadyIsNotWrittenAgain(Verb verb, DataVolumes dataVolume, String message) {
        assertThat(decide(verb, dataVolume))
                .asInstanceOf(type(Decision.AlreadySo.class))
                .extracting(Decision.AlreadySo::message)
                .isEqualTo(message);
    }

    static Stream<Arguments> whatIsSoAlreadyIsNotWrittenAgain() {
        return Stream.of(
                arguments(Verb.PAUSE, paused(), "is paused already."),
                arguments(
                        Verb.PAUSE,
                        in(BUSY).annotation(DvflowAnnotations.PAUSED, "true"),
                        "is going to pause already."),
                arguments(Verb.RESUME, in(BUSY), "is not paused; nothing to resume."),
                arguments(Verb.CANCEL, cancelling(), "is being cancelled already."),
                arguments(Verb.CANCEL, ended(DvflowAnnotations.OUTCOME_CANCELLED), "was cancelled already."));
    }

    @ParameterizedTest
    @MethodSource
    void refusalsSayWhatWasFoundAndWhatCanBeDone(Verb verb, DataVolumes dataVolume, String found, String wayOut) {
        assertThat(decide(verb, dataVolume))
                .asInstanceOf(type(Decision.Refuse.class))
                .extracting(Decision.Refuse::message)
                .asString()
                .startsWith("Cannot " + verb.word() + " DataVolume vms/fedora")
                .contains(found, wayOut);
    }

    static Stream<Arguments> refusalsSayWhatWasFoundAndWhatCanBeDone() {
        return Stream.of(
                arguments(Verb.RETRY, in(DataVolumePhase.FAILED), "failed for good (phase Failed)", "create it anew"),
                arguments(Verb.PAUSE, ended(DvflowAnnotations.OUTCOME_GAVE_UP), "given up", "create it anew"),
                arguments(Verb.RETRY, ended(DvflowAnnotations.OUTCOME_CANCELLED), "cancelled", "create it anew"),
                arguments(Verb.RETRY, in(BUSY).deleting(), "being deleted", DvflowAnnotations.FORCE_RELEASE),
                arguments(Verb.RESUME, cancelling(), "being cancelled", "Create it anew"),
                arguments(Verb.RETRY, paused(), "paused", "'dvflow resume -n vms fedora'"),
                arguments(Verb.RESUME, in(DataVolumePhase.PAUSED).checkpoint(), "multi-stage", "next checkpoint"));
    }

    @ParameterizedTest
    @EnumSource(Verb.class)
    void nothingCanBeAskedOfAFinishedOne(Verb verb) {
        assertThat(decide(verb, in(DataVolumePhase.SUCCEEDED)))
                .asInstanceOf(type(Decision.Refuse.class))
                .extracting(Decision.Refuse::message)
                .asString()
                .contains("finished successfully (phase Succeeded)", "can use the claim");
    }

    @Test
    void aPauseIsVisibleWhenTheStatusShowsIt() {
        var write = (Decision.Write) decide(Verb.PAUSE, in(BUSY));

        assertThat(write.visible().test(in(BUSY).operation())).isFalse();
        assertThat(write.visible().test(paused().operation())).isTrue();
    }

    @Test
    void aRetryIsVisibleWhenTheAttemptChanges() {
        var failed = in(BUSY).running("False", Reasons.ERROR, "connection refused");
        var write = (Decision.Write) decide(Verb.RETRY, failed);

        assertThat(write.visible().test(failed.operation())).isFalse();
        assertThat(write.visible().test(failed.restarts(1).operation())).isTrue();
    }

    private static Decision decide(Verb verb, DataVolumes dataVolume) {
        String value = verb == Verb.SET_RATE_LIMIT ? "50Mi" : "token";
        return Decide.about(verb, dataVolume.operation(), new Hints("dvflow"), value);
    }

    private static DataVolumes paused() {
        return in(DataVolumePhase.PAUSED).annotation(DvflowAnnotations.PAUSED, "true");
    }

    private static DataVolumes cancelling() {
        return in(BUSY).annotation(DvflowAnnotations.CANCELLED, "true");
    }

    private static DataVolumes ended(String outcome) {
        return in(BUSY).annotation(DvflowAnnotations.OUTCOME, outcome);
    }
}
