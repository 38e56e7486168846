package io.dvflow.testbed.http;

import com.fasterxml.jackson.annotation.JsonInclude;

/**
 * One thing the server does wrong (or only differently) on the requests it applies to.
 *
 * @param kind what happens
 * @param method applies to this method only; null for GET and HEAD alike
 * @param rangesOnly applies only to requests that carry a {@code Range}
 * @param skip matching requests that pass unharmed first
 * @param times how many requests it hits; 0 for all
 * @param afterBytes body bytes of the response that still go out before it happens
 * @param afterTotalBytes body bytes of the resource, over all connections since the fault was set, before it happens; a
 *     {@link Kind#GATE} cuts in the middle of a response for it, the others look at it when a request comes in
 * @param status status code of {@link Kind#STATUS} and {@link Kind#REDIRECT}
 * @param delta by how much a number is wrong
 * @param millis pause, where one is meant
 * @param text location, header line, entity tag or body, depending on the kind
 */
@JsonInclude(JsonInclude.Include.NON_DEFAULT)
public record Fault(
        Kind kind,
        String method,
        boolean rangesOnly,
        int skip,
        int times,
        long afterBytes,
        long afterTotalBytes,
        int status,
        long delta,
        long millis,
        String retryAfter,
        String text) {

    /** What can happen. */
    public enum Kind {
        /** Connection closed in the middle of the body. */
        DROP,
        /** The same with a TCP reset. */
        RESET,
        /** Nothing more comes, and the connection stays open. */
        STALL,
        /** Nothing more comes until the fault is taken away. */
        GATE,
        /** Another status, with {@code Retry-After} and a body if given. */
        STATUS,
        /** Redirect to {@code text}. */
        REDIRECT,
        /** Whole body without {@code Content-Length}, ended by closing the connection. */
        NO_LENGTH,
        /** The same, but cut short: nothing on the wire tells it from a complete one. */
        NO_LENGTH_CUT,
        /** Chunked encoding, complete. */
        CHUNKED,
        /** Chunked encoding, closed before the last chunk. */
        CHUNKED_CUT,
        /** Chunked encoding, complete but for trailers that do not end. */
        ENDLESS_TRAILERS,
        /** {@code Content-Length} wrong by {@code delta}. */
        WRONG_LENGTH,
        /** 200 and the whole body in answer to a range request. */
        IGNORE_RANGE,
        /** Start and end in {@code Content-Range} wrong by {@code delta}. */
        WRONG_CONTENT_RANGE,
        /** Total in {@code Content-Range} wrong by {@code delta}. */
        WRONG_TOTAL,
        /** 206 without {@code Content-Range}. */
        NO_CONTENT_RANGE,
        /** Bytes from elsewhere ({@code delta} off) under a right {@code Content-Range}. */
        SHIFTED_BYTES,
        /** An honest 206 for fewer bytes than asked: at most {@code afterBytes}. */
        SHORT_RANGE,
        /** Another content of the same length, with the entity tag {@code text} and a later {@code Last-Modified}. */
        CHANGED,
        /** Another content under the old validators. */
        CHANGED_SILENTLY,
        /** One header byte every {@code millis}. */
        SLOW_HEADERS,
        /** Body throttled to {@code delta} bytes a second. */
        SLOW_BODY,
        /** Something that is not HTTP. */
        GARBAGE,
        /** Headers without end. */
        ENDLESS_HEADERS,
        /** A multipart/byteranges answer to a single range. */
        MULTIPART,
        /** The header line {@code text}, added or in place of the one of that name. */
        HEADER
    }

    public static Fault of(Kind kind) {
        return new Fault(kind, null, false, 0, 0, 0, 0, 0, 0, 0, null, null);
    }

    public static Fault status(int status) {
        return new Fault(Kind.STATUS, null, false, 0, 0, 0, 0, status, 0, 0, null, null);
    }

    public static Fault redirect(String location) {
        return new Fault(Kind.REDIRECT, null, false, 0, 0, 0, 0, 302, 0, 0, null, location);
    }

    public static Fault header(String line) {
        return of(Kind.HEADER).text(line);
    }

    public Fault afterBytes(long bytes) {
        return new Fault(
                kind, method, rangesOnly, skip, times, bytes, afterTotalBytes, status, delta, millis, retryAfter, text);
    }

    public Fault afterTotalBytes(long bytes) {
        return new Fault(
                kind, method, rangesOnly, skip, times, afterBytes, bytes, status, delta, millis, retryAfter, text);
    }

    public Fault times(int count) {
        return new Fault(
                kind,
                method,
                rangesOnly,
                skip,
                count,
                afterBytes,
                afterTotalBytes,
                status,
                delta,
                millis,
                retryAfter,
                text);
    }

    public Fault skip(int count) {
        return new Fault(
                kind,
                method,
                rangesOnly,
                count,
                times,
                afterBytes,
                afterTotalBytes,
                status,
                delta,
                millis,
                retryAfter,
                text);
    }

    public Fault rangesOnly(boolean only) {
        return new Fault(
                kind, method, only, skip, times, afterBytes, afterTotalBytes, status, delta, millis, retryAfter, text);
    }

    public Fault method(String name) {
        return new Fault(
                kind,
                name,
                rangesOnly,
                skip,
                times,
                afterBytes,
                afterTotalBytes,
                status,
                delta,
                millis,
                retryAfter,
                text);
    }

    public Fault delta(long by) {
        return new Fault(
                kind,
                method,
                rangesOnly,
                skip,
                times,
                afterBytes,
                afterTotalBytes,
                status,
                by,
                millis,
                retryAfter,
                text);
    }

    public Fault millis(long pause) {
        return new Fault(
                kind,
                method,
                rangesOnly,
                skip,
                times,
                afterBytes,
                afterTotalBytes,
                status,
                delta,
                pause,
                retryAfter,
                text);
    }

    public Fault retryAfter(String value) {
        return new Fault(
                kind, method, rangesOnly, skip, times, afterBytes, afterTotalBytes, status, delta, millis, value, text);
    }

    public Fault text(String value) {
        return new Fault(
                kind,
                method,
                rangesOnly,
                skip,
                times,
                afterBytes,
                afterTotalBytes,
                status,
                delta,
                millis,
                retryAfter,
                value);
    }
}
