package io.dvflow.dataplane.source.nbd;

import static org.assertj.core.api.Assertions.assertThat;

import io.dvflow.dataplane.report.Reporter;
import io.dvflow.dataplane.source.RangeReader;
import io.dvflow.dataplane.source.RateLimit;
import io.dvflow.dataplane.source.http.HttpSettings;
import io.dvflow.dataplane.source.nbd.ScriptedServer.Script;
import io.dvflow.dataplane.stop.StopSignal;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Several requests under way over one connection, and a server that answers them as it likes. */
class NbdAheadTest {

    private static final int REQUEST = 4096;
    private static final HttpSettings SETTINGS = new HttpSettings(
            Duration.ofSeconds(2),
            Duration.ofSeconds(5),
            Duration.ofSeconds(5),
            4,
            Duration.ofMillis(1),
            Duration.ofMillis(1));

    @TempDir
    Path directory;

    @Test
    void doesNotWaitForAnAnswerBeforeItAsksAgain() throws IOException {
        Batches batches = new Batches(4, requests -> requests);

        assertThat(read(batches, 0, 10 * REQUEST)).isEqualTo(content(0, 10 * REQUEST));

        assertThat(batches.mostHeld)
                .as("requests that were unanswered at one time")
                .isEqualTo(4);
    }

    @Test
    void putsAnswersInOrder() throws IOException {
        Random random = new Random(4);
        Batches batches = new Batches(4, requests -> {
            Collections.shuffle(requests, random);
            return requests;
        });

        assertThat(read(batches, 300, 40 * REQUEST + 7)).isEqualTo(content(300, 40 * REQUEST + 7));
    }

    @Test
    void putsPiecesOfAnswersTogetherThatComeInTurns() throws IOException {
        Batches batches = new Batches(2, requests -> requests);
        batches.pieces = 3;

        assertThat(read(batches, 0, 8 * REQUEST)).isEqualTo(content(0, 8 * REQUEST));
    }

    @Test
    void goesOnAtTheByteWhenTheConnectionBreaksWithRequestsUnderWay() throws IOException {
        Batches batches = new Batches(4, requests -> requests.reversed());
        batches.breaksAfter = 6;

        assertThat(read(batches, 0, 20 * REQUEST)).isEqualTo(content(0, 20 * REQUEST));

        assertThat(batches.broke).isTrue();
    }

    private byte[] read(Batches script, int from, int to) throws IOException {
        Path socket = directory.resolve("nbd");
        script.wanted = Math.ceilDiv(to, REQUEST) - from / REQUEST;
        try (ScriptedServer _ = ScriptedServer.start(socket, script);
                NbdSource source = NbdSource.open(settings(), new Endpoint(socket));
                RangeReader reader = source.ranges()) {
            ByteBuffer into = ByteBuffer.allocate(to - from);
            reader.start(from, to);
            reader.readFully(into);
            assertThat(reader.read(ByteBuffer.allocate(1))).isEqualTo(-1);
            return into.array();
        }
    }

    private static NbdSource.Settings settings() {
        return new NbdSource.Settings(
                "the disk",
                Optional.empty(),
                REQUEST,
                RateLimit.none(),
                SETTINGS,
                new StopSignal(),
                new Reporter(report -> {}));
    }

    private static byte[] content(int from, int to) {
        byte[] bytes = new byte[to - from];
        for (int at = from; at < to; at++) {
            bytes[at - from] = (byte) (at / 251 + at);
        }
        return bytes;
    }

    /** There is always one. */
    private record Endpoint(Path socket) implements NbdEndpoint {
        @Override
        public void revive() {
            // It does not die.
        }

        @Override
        public String lastWords() {
            return "";
        }
    }

    private record Request(long cookie, long offset, int length) {}

    /** The order in which requests that are held are answered. */
    private interface Order {
        List<Request> of(List<Request> requests);
    }

    /** Answers nothing before it has been asked for so many things; at the end, for what is left. */
    private static final class Batches implements Script {
        private final int size;
        private final Order order;
        private final List<Request> held = new ArrayList<>();
        private int mostHeld;
        private int answered;
        private int wanted;
        private int pieces = 1;
        private int breaksAfter = Integer.MAX_VALUE;
        private boolean broke;

        Batches(int size, Order order) {
            this.size = size;
            this.order = order;
        }

        @Override
        public void answer(int type, long cookie, long offset, int length, DataOutputStream out) throws IOException {
            held.add(new Request(cookie, offset, length));
            mostHeld = Math.max(mostHeld, held.size());
            if (held.size() < Math.min(size, wanted - answered)) {
                return;
            }
            List<Request> batch = order.of(new ArrayList<>(held));
            held.clear();
            for (int piece = 0; piece < pieces; piece++) {
                for (Request request : batch) {
                    answerPiece(request, piece, out);
                }
            }
        }

        private void answerPiece(Request request, int piece, DataOutputStream out) throws IOException {
            if (answered == breaksAfter && !broke) {
                broke = true;
                out.close();
                throw new IOException("broken on purpose");
            }
            int from = request.length / pieces * piece;
            int to = piece == pieces - 1 ? request.length : from + request.length / pieces;
            ScriptedServer.chunk(out, piece == pieces - 1 ? 1 : 0, 1, request.cookie, 8 + to - from);
            out.writeLong(request.offset + from);
            out.write(content((int) request.offset + from, (int) request.offset + to));
            if (piece == pieces - 1) {
                answered++;
            }
        }
    }
}
