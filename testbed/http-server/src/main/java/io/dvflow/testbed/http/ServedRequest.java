package io.dvflow.testbed.http;

import java.util.Map;

/**
 * One request as it came in.
 *
 * @param headers names in lower case
 * @param status status it was answered with; 0 where the answer was no HTTP
 * @param nanoTime of {@link System#nanoTime} when it was there and not yet answered
 */
public record ServedRequest(String method, String path, Map<String, String> headers, int status, long nanoTime) {

    public String header(String name) {
        return headers.getOrDefault(name, "");
    }
}
