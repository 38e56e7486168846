package io.dvflow.testbed.http;

import java.util.Map;

/**
 * One request as it came in.
 *
 * @param headers names in lower case
 * @param status status it was answered with; 0 where the answer was no HTTP
 */
public record ServedRequest(String method, String path, Map<String, String> headers, int status) {

    public String header(String name) {
        return headers.getOrDefault(name, "");
    }
}
