package io.dvflow.dataplane.source.nbd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dvflow.dataplane.source.nbd.NbdConnection.Extent;
import io.dvflow.dataplane.source.nbd.ScriptedServer.Script;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Whatever a server sends, nothing of it is used that does not fit what was asked. */
class HostileNbdServerTest {

    /** Long enough for a busy machine to answer, short enough for the servers that never do. */
    private static final Duration SOON = Duration.ofSeconds(3);

    private static final int DONE = 1;

    @TempDir
    Path directory;

    /** An answer that is none. */
    record Misdeed(String name, Script script) {
        @Override
        public String toString() {
            return name;
        }
    }

    static Stream<Misdeed> answersToRead() {
        return Stream.of(
                new Misdeed("nothing at all", (type, cookie, offset, length, out) -> {}),
                new Misdeed("half of it", (type, cookie, offset, length, out) -> data(out, cookie, offset, length / 2)),
                new Misdeed(
                        "more than it", (type, cookie, offset, length, out) -> data(out, cookie, offset, length + 1)),
                new Misdeed(
                        "another place",
                        (type, cookie, offset, length, out) -> data(out, cookie, offset + 512, length)),
                new Misdeed(
                        "another request",
                        (type, cookie, offset, length, out) -> data(out, cookie + 1, offset, length)),
                new Misdeed("the same twice", (type, cookie, offset, length, out) -> {
                    data(out, cookie, offset, length);
                    data(out, cookie, offset, length);
                }),
                new Misdeed("a negative length", (type, cookie, offset, length, out) -> {
                    ScriptedServer.chunk(out, DONE, 1, cookie, -1);
                }),
                new Misdeed("less than an offset", (type, cookie, offset, length, out) -> {
                    ScriptedServer.chunk(out, DONE, 1, cookie, 4);
                    out.writeLong(offset);
                }),
                new Misdeed("a hole of 4 GiB", (type, cookie, offset, length, out) -> {
                    ScriptedServer.chunk(out, DONE, 2, cookie, 12);
                    out.writeLong(offset);
                    out.writeInt(-1);
                }),
                new Misdeed("block status", (type, cookie, offset, length, out) -> {
                    ScriptedServer.chunk(out, DONE, 5, cookie, 12);
                    out.writeInt(ScriptedServer.CONTEXT);
                    out.writeInt(length);
                    out.writeInt(0);
                }),
                new Misdeed("an error", (type, cookie, offset, length, out) -> {
                    ScriptedServer.chunk(out, DONE, 0x8001, cookie, 10);
                    out.writeInt(5);
                    out.writeShort(4);
                    out.write("disk".getBytes(StandardCharsets.US_ASCII));
                }),
                new Misdeed("an error with an endless message", (type, cookie, offset, length, out) -> {
                    ScriptedServer.chunk(out, DONE, 0x8001, cookie, Integer.MAX_VALUE);
                    out.writeInt(5);
                    out.writeShort(4);
                }),
                new Misdeed("garbage", (type, cookie, offset, length, out) -> out.write(new byte[4096])));
    }

    @ParameterizedTest
    @MethodSource("answersToRead")
    void noReadIsTakenForMoreThanItIs(Misdeed misdeed) throws IOException {
        try (ScriptedServer _ = serve(misdeed.script);
                NbdConnection connection = connect()) {
            connection.request(4096, 8192);
            connection.request(12_288, 512);

            assertThatThrownBy(() -> readAll(connection)).isInstanceOf(IOException.class);
        }
    }

    static Stream<Misdeed> answersToBlockStatus() {
        return Stream.of(
                new Misdeed(
                        "none", (type, cookie, offset, length, out) -> ScriptedServer.chunk(out, DONE, 0, cookie, 0)),
                new Misdeed("of another context", (type, cookie, offset, length, out) -> {
                    ScriptedServer.chunk(out, DONE, 5, cookie, 12);
                    out.writeInt(ScriptedServer.CONTEXT + 1);
                    out.writeInt(length);
                    out.writeInt(2);
                }),
                new Misdeed("of no bytes", (type, cookie, offset, length, out) -> extents(out, cookie, 0, 2)),
                new Misdeed("cut", (type, cookie, offset, length, out) -> {
                    ScriptedServer.chunk(out, DONE, 5, cookie, 10);
                    out.write(new byte[10]);
                }),
                new Misdeed("of 268 million extents", (type, cookie, offset, length, out) -> {
                    ScriptedServer.chunk(out, DONE, 5, cookie, Integer.MAX_VALUE - 3);
                    out.writeInt(ScriptedServer.CONTEXT);
                }),
                new Misdeed("as data", (type, cookie, offset, length, out) -> data(out, cookie, offset, length)));
    }

    @ParameterizedTest
    @MethodSource("answersToBlockStatus")
    void noLayoutIsBelievedThatMakesNoSense(Misdeed misdeed) throws IOException {
        try (ScriptedServer _ = serve(misdeed.script);
                NbdConnection connection = connect()) {
            assertThatThrownBy(() -> connection.blockStatus(0, ScriptedServer.SIZE))
                    .isInstanceOf(IOException.class);
        }
    }

    @Test
    void whatReachesPastTheQuestionIsCut() throws IOException {
        Script script = (type, cookie, offset, length, out) -> extents(out, cookie, 4096, 0, -1, 3);
        try (ScriptedServer _ = serve(script);
                NbdConnection connection = connect()) {
            assertThat(connection.blockStatus(65_536, 131_072))
                    .containsExactly(new Extent(65_536, 4096, false), new Extent(69_632, 126_976, true));
        }
    }

    @Test
    void aHoleIsOnlyZeroWhereTheServerSaysSo() throws IOException {
        Script script = (type, cookie, offset, length, out) -> extents(out, cookie, 4096, 1, length - 4096, 3);
        try (ScriptedServer _ = serve(script);
                NbdConnection connection = connect()) {
            assertThat(connection.blockStatus(0, 8192))
                    .containsExactly(new Extent(0, 4096, false), new Extent(4096, 4096, true));
        }
    }

    @Test
    void anAnswerMayComeInPieces() throws IOException {
        Script script = (type, cookie, offset, length, out) -> {
            ScriptedServer.chunk(out, 0, 1, cookie, 8 + 100);
            out.writeLong(offset);
            byte[] ones = new byte[100];
            Arrays.fill(ones, (byte) 1);
            out.write(ones);
            ScriptedServer.chunk(out, 0, 2, cookie, 12);
            out.writeLong(offset + 100);
            out.writeInt(length - 100);
            ScriptedServer.chunk(out, DONE, 0, cookie, 0);
        };
        try (ScriptedServer _ = serve(script);
                NbdConnection connection = connect()) {
            connection.request(4096, 8192);
            ByteBuffer read = readAll(connection);
            assertThat(read.position()).isEqualTo(8192);
            assertThat(read.get(99)).isEqualTo((byte) 1);
            assertThat(read.get(100)).isZero();
        }
    }

    static Stream<byte[]> greetings() {
        return Stream.of(
                new byte[0],
                "HTTP/1.1 400 Bad Request\r\n\r\n".getBytes(StandardCharsets.US_ASCII),
                // Oldstyle.
                ByteBuffer.allocate(152)
                        .putLong(0x4e42444d41474943L)
                        .putLong(0x00420281861253L)
                        .array(),
                // An answer of 2 GiB to the first option.
                ByteBuffer.allocate(38)
                        .putLong(0x4e42444d41474943L)
                        .putLong(0x49484156454F5054L)
                        .putShort((short) 3)
                        .putLong(0x3e889045565a9L)
                        .putInt(8)
                        .putInt(1)
                        .putInt(Integer.MAX_VALUE)
                        .array());
    }

    @ParameterizedTest
    @MethodSource("greetings")
    void whoDoesNotNegotiateIsNoServer(byte[] greeting) throws IOException {
        try (ScriptedServer _ = ScriptedServer.sending(directory.resolve("nbd"), greeting)) {
            assertThatThrownBy(() -> connect()).isInstanceOf(IOException.class);
        }
    }

    private ScriptedServer serve(Script script) throws IOException {
        return ScriptedServer.start(directory.resolve("nbd"), script);
    }

    private NbdConnection connect() throws IOException {
        return NbdConnection.open(directory.resolve("nbd"), SOON);
    }

    private static ByteBuffer readAll(NbdConnection connection) throws IOException {
        ByteBuffer into = ByteBuffer.allocate(64 << 10);
        while (connection.inFlight() > 0) {
            connection.read(into);
        }
        return into;
    }

    private static void data(DataOutputStream out, long cookie, long offset, int length) throws IOException {
        ScriptedServer.chunk(out, DONE, 1, cookie, 8 + length);
        out.writeLong(offset);
        out.write(new byte[length]);
    }

    private static void extents(DataOutputStream out, long cookie, int... lengthsAndStates) throws IOException {
        ScriptedServer.chunk(out, DONE, 5, cookie, 4 + 4 * lengthsAndStates.length);
        out.writeInt(ScriptedServer.CONTEXT);
        for (int value : lengthsAndStates) {
            out.writeInt(value);
        }
    }
}
