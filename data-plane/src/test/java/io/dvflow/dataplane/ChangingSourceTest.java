package io.dvflow.dataplane;

import static org.assertj.core.api.Assertions.assertThat;

import io.dvflow.testbed.http.Content;
import io.dvflow.testbed.http.Fault;
import io.dvflow.testbed.http.Fault.Kind;
import io.dvflow.testbed.http.FaultServer;
import io.dvflow.testbed.http.Resource;
import io.dvflow.testbed.http.ResourceSpec;
import io.dvflow.testbed.http.ServedRequest;
import io.dvflow.transfer.ErrorClass;
import io.dvflow.transfer.FailureReason;
import io.dvflow.transfer.TransferOutcome.Failed;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** A source that becomes another one while it is read: bytes of the two are never mixed. */
class ChangingSourceTest {

    private static final int SIZE = 4 << 20;

    @TempDir
    Path directory;

    private final byte[] bytes = new byte[SIZE];
    private FaultServer server;

    @BeforeEach
    void serve() {
        new Random(3).nextBytes(bytes);
        server = FaultServer.start();
    }

    @AfterEach
    void stop() {
        server.close();
    }

    static Stream<String> validators() {
        return Stream.of("strong ETag", "weak ETag", "Last-Modified");
    }

    @ParameterizedTest
    @MethodSource("validators")
    void startsAnewOnceAndSaysSo(String validator) throws IOException {
        Resource disk = server.add("/disk", spec(validator));
        disk.faults(Fault.of(Kind.CHANGED)
                .text("weak ETag".equals(validator) ? "W/\"v2\"" : newTag(validator))
                .skip(2));
        // So that the change hits in the middle: the first range breaks off, and is asked for again.
        Rig rig = new Rig();
        Fault change = disk.currentFaults().getFirst();
        disk.faults(Fault.of(Kind.DROP).afterBytes(1_000_000).skip(1).times(1), change);

        rig.complete(Rig.plan(server.url("/disk"), Rig.file(directory), SIZE));

        Disks.assertHolds(directory.resolve("disk.img"), SIZE, inverted());
        assertThat(rig.notes()).anyMatch(note -> note.contains("changed while it was being read"));
    }

    /** A weak tag vouches for nothing, and a server that has one must not be asked by the date instead (RFC 9110 §13.1.5). */
    @ParameterizedTest
    @CsvSource({"strong ETag, '\"v1\"'", "weak ETag, ''", "Last-Modified, 'Thu, 01 Jan 2026 00:00:00 GMT'"})
    void everyRangeButTheFirstIsAskedForOnConditionOfTheSameContent(String validator, String condition) {
        Resource disk = server.add("/disk", spec(validator));
        disk.faults(Fault.of(Kind.DROP).afterBytes(300_000).skip(1));

        new Rig().complete(Rig.plan(server.url("/disk"), Rig.file(directory), SIZE));

        List<ServedRequest> asked = disk.log();
        assertThat(asked)
                .hasSizeGreaterThan(5)
                .allSatisfy(request -> assertThat(request.header("range")).startsWith("bytes="));
        assertThat(asked.getFirst().headers()).doesNotContainKey("if-range");
        assertThat(asked.subList(1, asked.size()))
                .extracting(request -> request.header("if-range"))
                .containsOnly(condition);
    }

    @Test
    void aSourceThatKeepsChangingIsGivenUp() {
        Resource disk = server.add("/disk", ResourceSpec.of(bytes).etag("\"v1\""));
        disk.faults(
                Fault.of(Kind.CHANGED).text("\"v2\"").skip(1).times(1),
                Fault.of(Kind.CHANGED).text("\"v2\"").skip(3).times(1));
        Rig rig = new Rig().with(s -> new TransferSettings(1, s.http(), s.environment()));

        Failed failed = rig.failed(Rig.plan(server.url("/disk"), Rig.file(directory), SIZE));

        assertThat(failed.reason()).isEqualTo(FailureReason.SOURCE_CHANGED);
        assertThat(failed.errorClass()).isEqualTo(ErrorClass.TRANSIENT);
    }

    @Test
    void anotherLengthIsAChangeEvenWithoutValidators() throws IOException {
        Resource disk = server.add("/disk", ResourceSpec.of(bytes));
        disk.faults(Fault.of(Kind.WRONG_TOTAL).delta(512).skip(1).times(1));
        Rig rig = new Rig();

        rig.complete(Rig.plan(server.url("/disk"), Rig.file(directory), SIZE));

        assertThat(rig.notes()).anyMatch(note -> note.contains("length 4194304 became 4194816"));
        Disks.assertHolds(directory.resolve("disk.img"), SIZE, Files.write(directory.resolve("right"), bytes));
    }

    private ResourceSpec spec(String validator) {
        ResourceSpec plain = ResourceSpec.of(bytes);
        return switch (validator) {
            case "strong ETag" -> plain.etag("\"v1\"");
            case "weak ETag" -> plain.etag("W/\"v1\"");
            default -> plain.lastModified(Instant.parse("2026-01-01T00:00:00Z"));
        };
    }

    private static String newTag(String validator) {
        return validator.equals("strong ETag") ? "\"v2\"" : null;
    }

    private Path inverted() throws IOException {
        byte[] other = new byte[SIZE];
        Content.of(bytes).changed().read(0, other, SIZE);
        return Files.write(directory.resolve("expected"), other);
    }
}
