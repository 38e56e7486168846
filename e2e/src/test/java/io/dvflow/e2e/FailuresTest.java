package io.dvflow.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.dvflow.api.v1beta1.DataVolume;
import io.dvflow.api.v1beta1.DataVolumeCondition;
import io.dvflow.api.v1beta1.DataVolumePhase;
import io.dvflow.testbed.http.FaultServer;
import io.dvflow.testbed.http.ServerOptions;
import io.fabric8.kubernetes.api.model.Event;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import org.assertj.core.api.SoftAssertions;
import org.awaitility.core.ConditionTimeoutException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfEnvironmentVariable;
import org.junit.jupiter.api.io.TempDir;

/**
 * What goes wrong is said on the object in words that a person understands, without a storm of attempts; when its cause is
 * mended the same object succeeds. All cases of a kind are under way together. What is refused at apply is the matter of
 * {@code RulesTest}. {@code DVFLOW_FAILURES} says how many cases of each kind, or is a pattern of their names, or {@code all}.
 */
@EnabledIfEnvironmentVariable(named = "DVFLOW_E2E", matches = "1")
class FailuresTest {

    private static final int USUAL = 10;
    private static final int MOST_WARNINGS = 5;

    @TempDir
    static Path directory;

    private static SourceImages images;
    private static FaultServer server;

    /** A case under way. */
    private record Failing(FailureCase failure, TestNamespace namespace, String uid) {

        DataVolume now() {
            return namespace.dataVolume("disk").get();
        }
    }

    @BeforeAll
    static void serveImages() throws IOException {
        images = new SourceImages(Files.createDirectory(directory.resolve("images")));
        server = FaultServer.start(
                ServerOptions.defaults().bind(TestCluster.get().hostAddress(), 0));
    }

    @AfterAll
    static void stopServing() {
        server.close();
    }

    @Test
    void whatIsMendedOutsideSucceeds() throws IOException {
        Path image = images.make("raw", 8 << 20, 3);
        try (var failures = new MendableFailures(Files.createDirectory(directory.resolve("servers")), image)) {
            under(failures.all(), (failing, softly) -> {
                awaitSaid(failing, softly);
                failing.forEach(each -> {
                    each.failure().mend().orElseThrow().accept(each.namespace());
                    Held.annotate(each.namespace(), "dvflow.io/retry", "now");
                });
                failing.forEach(each -> {
                    softly.check(() -> assertThat(each.namespace()
                                    .awaitPhase("disk", DataVolumePhase.SUCCEEDED)
                                    .getMetadata()
                                    .getUid())
                            .as(each.failure().name())
                            .isEqualTo(each.uid()));
                    softly.assertThat(warnings(each, _ -> true))
                            .as(each.failure() + ": warnings")
                            .hasSizeLessThanOrEqualTo(MOST_WARNINGS);
                });
            });
        }
    }

    @Test
    void whatCannotBeMendedIsSaidOnce() {
        under(new FinalFailures(server, images, directory).all(), (failing, softly) -> {
            awaitSaid(failing, softly);
            failing.forEach(each -> softly.check(() -> awaitSecondAttempt(each)));
            failing.forEach(each -> softly.assertThat(warnings(each, each.failure()::isSaidBy))
                    .as(each.failure() + ": warnings that say it")
                    .hasSize(1));
            failing.forEach(each -> assertGoneWithoutTrace(each, softly));
        });
    }

    @Test
    void aWrongChecksumIsFinal() {
        under(new FinalFailures(server, images, directory).mismatches(), (failing, softly) -> {
            awaitSaid(failing, softly);
            failing.forEach(each -> {
                each.namespace().awaitPhase("disk", DataVolumePhase.FAILED);
                long asked = requests(each);
                Held.annotate(each.namespace(), "dvflow.io/retry", "now");
                softly.check(() -> awaitClosed(each));
                softly.assertThat(requests(each))
                        .as(each.failure() + ": requests after it has failed")
                        .isEqualTo(asked);
                assertGoneWithoutTrace(each, softly);
            });
        });
    }

    private interface Steps {
        void take(List<Failing> failing, SoftAssertions softly);
    }

    private static void under(List<FailureCase> all, Steps steps) {
        List<FailureCase> cases = Sample.of("DVFLOW_FAILURES", USUAL, all);
        List<TestNamespace> namespaces = new ArrayList<>();
        SoftAssertions softly = new SoftAssertions();
        try {
            List<Failing> failing = new ArrayList<>();
            for (FailureCase failure : cases) {
                TestNamespace namespace = new TestNamespace("failure");
                namespaces.add(namespace);
                failure.given().accept(namespace);
                String uid = namespace.apply(failure.manifest()).getMetadata().getUid();
                failing.add(new Failing(failure, namespace, uid));
            }
            steps.take(failing, softly);
            softly.assertAll();
        } finally {
            namespaces.forEach(TestNamespace::delete);
            namespaces.forEach(TestNamespace::close);
        }
    }

    /** Each at some time; a later attempt may say something else for a while. */
    private static void awaitSaid(List<Failing> failing, SoftAssertions softly) {
        Map<Failing, DataVolumeCondition> conditions = new LinkedHashMap<>();
        try {
            TestWaits.until("all of " + failing.size() + " failures are said", () -> {
                failing.stream()
                        .filter(each -> !conditions.containsKey(each))
                        .forEach(each -> said(each).ifPresent(condition -> conditions.put(each, condition)));
                return conditions.size() == failing.size();
            });
        } catch (ConditionTimeoutException e) {
            failing.stream()
                    .filter(each -> !conditions.containsKey(each))
                    .forEach(each -> softly.fail(
                            "%s: expected a condition with %s, found %s",
                            each.failure(), each.failure().words(), each.now().getStatus()));
        }
        conditions.forEach((each, condition) -> {
            System.out.printf(
                    "failure-row | %s | %s | %s | %s%n",
                    each.failure(), condition.type(), condition.reason(), condition.message());
            softly.assertThat(warnings(each, each.failure()::isSaidBy))
                    .as(each.failure() + ": a warning event says so too, found " + warnings(each, _ -> true))
                    .isNotEmpty();
        });
    }

    private static Optional<DataVolumeCondition> said(Failing failing) {
        var status = failing.now().getStatus();
        return status == null
                ? Optional.empty()
                : status.conditions().stream()
                        .filter(condition -> "False".equals(condition.status()))
                        .filter(condition ->
                                condition.message() != null && failing.failure().isSaidBy(condition.message()))
                        .findFirst();
    }

    private static List<String> warnings(Failing failing, Predicate<String> message) {
        return TestCluster.get()
                .kubernetes()
                .v1()
                .events()
                .inNamespace(failing.namespace().name())
                .list()
                .getItems()
                .stream()
                .filter(event -> "Warning".equals(event.getType()))
                .filter(event -> "DataVolume".equals(event.getInvolvedObject().getKind()))
                .map(Event::getMessage)
                .filter(message)
                .toList();
    }

    /** One more than the first may come: somebody may have put another image there. */
    private static void awaitSecondAttempt(Failing failing) {
        TestWaits.until(failing.failure() + ": second attempt", () -> {
            var status = failing.now().getStatus();
            return status.restartCount() != null && status.restartCount() >= 2;
        });
    }

    private static void awaitClosed(Failing failing) {
        var running = new RunningImport(failing.namespace(), "disk", failing.uid(), directory);
        TestWaits.until(failing.failure() + ": the workflow is over", running::isClosed);
    }

    private static long requests(Failing failing) {
        return failing.failure().served().orElseThrow().stats().requests();
    }

    private static void assertGoneWithoutTrace(Failing failing, SoftAssertions softly) {
        DataVolume gone = failing.now();
        failing.namespace().dataVolume("disk").delete();
        softly.check(() -> Leftovers.assertNothingAtAll(failing.namespace(), TestNamespace.refOf(gone)));
    }
}
