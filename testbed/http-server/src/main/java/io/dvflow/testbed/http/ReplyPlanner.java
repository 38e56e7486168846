package io.dvflow.testbed.http;

import io.dvflow.testbed.http.RequestHead.Range;
import io.dvflow.testbed.http.Resource.ArmedFault;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** Decides what to answer: first as RFC 9110 has it, then with the faults laid over it. */
final class ReplyPlanner {

    private static final DateTimeFormatter HTTP_DATE = DateTimeFormatter.ofPattern(
                    "EEE, dd MMM yyyy HH:mm:ss 'GMT'", Locale.ROOT)
            .withZone(ZoneOffset.UTC);
    private static final String BOUNDARY = "3d6b6a416f9b5";

    private ReplyPlanner() {}

    static Reply plan(RequestHead request, Resource resource) {
        List<ArmedFault> faults =
                resource.faultsFor(request.method(), request.headers().containsKey("range"));
        ResourceSpec spec = resource.spec();
        boolean ignoreRange = false;
        for (ArmedFault armed : faults) {
            spec = changed(spec, armed.fault);
            ignoreRange |= armed.fault.kind() == Fault.Kind.IGNORE_RANGE;
        }
        Reply reply = honest(request, spec, ignoreRange);
        for (ArmedFault armed : faults) {
            spoil(reply, armed, spec);
        }
        return reply;
    }

    static Reply message(int status, String contentType, String text) {
        Reply reply = new Reply();
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        reply.status = status;
        reply.headers.put("Content-Type", contentType);
        reply.body(Content.of(bytes), 0, bytes.length);
        return reply;
    }

    private static ResourceSpec changed(ResourceSpec spec, Fault fault) {
        return switch (fault.kind()) {
            case CHANGED ->
                new ResourceSpec(
                        spec.content().changed(),
                        Optional.ofNullable(fault.text()),
                        spec.lastModified().map(at -> at.plusSeconds(60)),
                        spec.contentType(),
                        spec.ranges());
            case CHANGED_SILENTLY ->
                new ResourceSpec(
                        spec.content().changed(), spec.etag(), spec.lastModified(), spec.contentType(), spec.ranges());
            default -> spec;
        };
    }

    private static Reply honest(RequestHead request, ResourceSpec spec, boolean ignoreRange) {
        Reply reply = new Reply();
        long total = spec.content().length();
        reply.headers.put("Content-Type", spec.contentType());
        spec.etag().ifPresent(tag -> reply.headers.put("ETag", tag));
        spec.lastModified().ifPresent(at -> reply.headers.put("Last-Modified", httpDate(at)));
        reply.headers.put("Accept-Ranges", spec.ranges() ? "bytes" : "none");
        Optional<Range> range =
                spec.ranges() && !ignoreRange && ifRangeHolds(request, spec) ? request.range(total) : Optional.empty();
        if (range.isEmpty()) {
            reply.body(spec.content(), 0, total);
        } else if (range.get().from() >= total || range.get().length() <= 0) {
            reply.status = 416;
            reply.headers.put("Content-Range", "bytes */" + total);
        } else {
            reply.status = 206;
            reply.body(spec.content(), range.get().from(), range.get().length());
            reply.headers.put(
                    "Content-Range",
                    contentRange(range.get().from(), range.get().to(), total));
        }
        return reply;
    }

    /** A weak tag never matches here, RFC 9110 §13.1.5. */
    private static boolean ifRangeHolds(RequestHead request, ResourceSpec spec) {
        String condition = request.headers().get("if-range");
        if (condition == null) {
            return true;
        }
        boolean tag = spec.etag()
                .filter(t -> !t.startsWith("W/"))
                .filter(condition::equals)
                .isPresent();
        return tag
                || spec.lastModified()
                        .map(ReplyPlanner::httpDate)
                        .filter(condition::equals)
                        .isPresent();
    }

    private static void spoil(Reply reply, ArmedFault armed, ResourceSpec spec) {
        Fault fault = armed.fault;
        switch (fault.kind()) {
            case DROP -> reply.cutAfter(fault.afterBytes(), Reply.End.DROP);
            case RESET -> reply.cutAfter(fault.afterBytes(), Reply.End.RESET);
            case STALL -> reply.cutAfter(fault.afterBytes(), Reply.End.STALL);
            case GATE -> reply.gates.add(armed);
            case STATUS -> answerStatus(reply, fault);
            case REDIRECT -> {
                reply.status = fault.status() == 0 ? 302 : fault.status();
                reply.headers.put("Location", fault.text());
                reply.headers.remove("Content-Range");
                reply.body(Content.of(new byte[0]), 0, 0);
            }
            case NO_LENGTH -> reply.framing = Reply.Framing.CLOSE;
            case NO_LENGTH_CUT -> {
                reply.framing = Reply.Framing.CLOSE;
                reply.cutAfter(fault.afterBytes(), Reply.End.DROP);
            }
            case CHUNKED -> reply.framing = Reply.Framing.CHUNKED;
            case CHUNKED_CUT -> {
                reply.framing = Reply.Framing.CHUNKED;
                reply.sendBytes = Math.min(reply.sendBytes, fault.afterBytes());
                reply.end = Reply.End.DROP;
            }
            case ENDLESS_TRAILERS -> {
                reply.framing = Reply.Framing.CHUNKED;
                reply.end = Reply.End.TRAILERS;
            }
            case WRONG_LENGTH -> reply.declaredLength += fault.delta();
            case WRONG_CONTENT_RANGE -> shiftContentRange(reply, fault.delta(), 0, spec);
            case WRONG_TOTAL -> shiftContentRange(reply, 0, fault.delta(), spec);
            case NO_CONTENT_RANGE -> reply.headers.remove("Content-Range");
            case SHIFTED_BYTES ->
                reply.from =
                        Math.floorMod(reply.from + fault.delta(), spec.content().length() - reply.length + 1);
            case SHORT_RANGE -> {
                if (reply.status == 206 && fault.afterBytes() < reply.length) {
                    reply.body(reply.content, reply.from, fault.afterBytes());
                    shiftContentRange(reply, 0, 0, spec);
                }
            }
            case SLOW_HEADERS -> reply.headerByteMillis = fault.millis();
            case SLOW_BODY -> reply.bytesPerSecond = fault.delta();
            case GARBAGE -> reply.garbage = true;
            case ENDLESS_HEADERS -> reply.endlessHeaders = true;
            case MULTIPART -> {
                reply.headers.put("Content-Type", "multipart/byteranges; boundary=" + BOUNDARY);
                reply.headers.remove("Content-Range");
            }
            case HEADER -> {
                String[] line = fault.text().split(":", 2);
                reply.headers.put(line[0].strip(), line[1].strip());
            }
            case IGNORE_RANGE, CHANGED, CHANGED_SILENTLY -> {
                // Done while the honest answer was made.
            }
        }
    }

    private static void answerStatus(Reply reply, Fault fault) {
        reply.status = fault.status();
        reply.headers.keySet().retainAll(Map.of("Accept-Ranges", "").keySet());
        reply.headers.put("Content-Type", "text/plain");
        if (fault.retryAfter() != null) {
            reply.headers.put("Retry-After", fault.retryAfter());
        }
        if (fault.status() == 401) {
            reply.headers.put("WWW-Authenticate", "Basic realm=\"images\"");
        }
        byte[] text = (fault.text() == null ? "status " + fault.status() + "\n" : fault.text())
                .getBytes(StandardCharsets.UTF_8);
        reply.body(Content.of(text), 0, text.length);
    }

    private static void shiftContentRange(Reply reply, long by, long totalBy, ResourceSpec spec) {
        if (reply.status == 206) {
            long from = reply.from + by;
            reply.headers.put(
                    "Content-Range",
                    contentRange(from, from + reply.length - 1, spec.content().length() + totalBy));
        }
    }

    private static String contentRange(long from, long to, long total) {
        return "bytes " + from + "-" + to + "/" + total;
    }

    static String httpDate(Instant at) {
        return HTTP_DATE.format(at);
    }
}
