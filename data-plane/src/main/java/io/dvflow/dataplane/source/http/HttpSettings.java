package io.dvflow.dataplane.source.http;

import java.time.Duration;

/**
 * How patient the HTTP client is.
 *
 * @param connectTimeout for each address of a host
 * @param stallTimeout longest wait for the next byte of a response
 * @param headTimeout longest wait for a whole response head, however it trickles in
 * @param triesWithoutProgress failures in a row, without bytes in between on any connection, that end the attempt
 * @param firstBackoff pause after the first failure; doubled each time
 * @param longestBackoff limit of that; a longer {@code Retry-After} than four times this ends the attempt, and the
 *     worker waits instead
 */
public record HttpSettings(
        Duration connectTimeout,
        Duration stallTimeout,
        Duration headTimeout,
        int triesWithoutProgress,
        Duration firstBackoff,
        Duration longestBackoff) {

    public static HttpSettings defaults() {
        return new HttpSettings(
                Duration.ofSeconds(10),
                Duration.ofSeconds(30),
                Duration.ofSeconds(60),
                7,
                Duration.ofMillis(500),
                Duration.ofSeconds(15));
    }

    /** For servers that are a hop away or not there at all; still patient enough for one that is starting up. */
    public static HttpSettings nearby() {
        return new HttpSettings(
                Duration.ofSeconds(1),
                Duration.ofSeconds(2),
                Duration.ofSeconds(2),
                5,
                Duration.ofMillis(500),
                Duration.ofSeconds(2));
    }

    /** For a look at a server that can be done without. */
    static HttpSettings hasty() {
        return new HttpSettings(
                Duration.ofSeconds(3),
                Duration.ofSeconds(3),
                Duration.ofSeconds(3),
                1,
                Duration.ofMillis(500),
                Duration.ofSeconds(1));
    }
}
