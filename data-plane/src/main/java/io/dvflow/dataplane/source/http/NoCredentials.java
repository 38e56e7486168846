package io.dvflow.dataplane.source.http;

import java.util.List;

/**
 * For servers where the URL is all that is needed.
 *
 * @param advice what a person should look at when a request was refused all the same
 */
public record NoCredentials(String advice) implements Credentials {

    @Override
    public List<String> headerLines(HttpUrl url) {
        return List.of();
    }

    @Override
    public String advice(int status) {
        return advice;
    }
}
