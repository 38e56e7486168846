package io.dvflow.activities;

import static org.assertj.core.api.Assertions.assertThat;

import io.dvflow.activities.Trouble.Kind;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RetryDelaysTest {

    @ParameterizedTest
    @CsvSource({
        "TRANSIENT, 1, 5",
        "TRANSIENT, 2, 10",
        "TRANSIENT, 4, 40",
        "TRANSIENT, 5, 60",
        "TRANSIENT, 1000, 60",
        "NEEDS_CHANGE, 1, 15",
        "NEEDS_CHANGE, 3, 60",
        "NEEDS_CHANGE, 6, 300",
        "NEEDS_CHANGE, 100, 300",
        "WAITING, 1, 10",
        "WAITING, 50, 10",
    })
    void growsToItsCeiling(Kind kind, int failures, long seconds) {
        assertThat(RetryDelays.after(kind, failures, Optional.empty())).contains(Duration.ofSeconds(seconds));
    }

    @Test
    void waitsAtLeastAsLongAsTheServerAsked() {
        assertThat(RetryDelays.after(Kind.TRANSIENT, 1, Optional.of(Duration.ofSeconds(90))))
                .contains(Duration.ofSeconds(90));
        assertThat(RetryDelays.after(Kind.TRANSIENT, 5, Optional.of(Duration.ofSeconds(1))))
                .contains(Duration.ofSeconds(60));
    }

    @Test
    void doesNotRetryWhatCannotHelp() {
        assertThat(RetryDelays.after(Kind.FINAL, 1, Optional.empty())).isEmpty();
        assertThat(RetryDelays.after(Kind.GAVE_UP, 1, Optional.empty())).isEmpty();
        assertThat(RetryDelays.after(Kind.OBJECT_GONE, 1, Optional.empty())).isEmpty();
    }
}
