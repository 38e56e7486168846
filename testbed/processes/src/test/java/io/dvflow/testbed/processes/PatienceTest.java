package io.dvflow.testbed.processes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class PatienceTest {

    @Test
    void isThereWithoutBeingAskedFor() {
        List<Long> remainingMillis = new ArrayList<>();

        await().conditionEvaluationListener(condition -> remainingMillis.add(condition.getRemainingTimeInMS()))
                .until(() -> !remainingMillis.isEmpty());

        assertThat(remainingMillis.getFirst()).isGreaterThan(20_000);
    }
}
