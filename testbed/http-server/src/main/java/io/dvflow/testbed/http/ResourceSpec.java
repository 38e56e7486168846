package io.dvflow.testbed.http;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Optional;

/**
 * What a well-behaved server would say about a resource.
 *
 * @param etag header value as sent, quotes and {@code W/} included
 * @param ranges whether range requests are answered with 206
 */
public record ResourceSpec(
        Content content, Optional<String> etag, Optional<Instant> lastModified, String contentType, boolean ranges) {

    /** Ranges, no validators. */
    public static ResourceSpec of(Content content) {
        return new ResourceSpec(content, Optional.empty(), Optional.empty(), "application/octet-stream", true);
    }

    public static ResourceSpec of(byte[] bytes) {
        return of(Content.of(bytes));
    }

    /** Ranges, a strong entity tag and a date, as a web server makes them from a file. */
    public static ResourceSpec of(Path file) {
        try {
            Instant modified = Files.getLastModifiedTime(file).toInstant();
            return of(Content.of(file))
                    .etag("\"" + Long.toHexString(Files.size(file)) + "-" + Long.toHexString(modified.toEpochMilli())
                            + "\"")
                    .lastModified(modified);
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot serve " + file, e);
        }
    }

    public ResourceSpec etag(String value) {
        return new ResourceSpec(content, Optional.of(value), lastModified, contentType, ranges);
    }

    public ResourceSpec lastModified(Instant at) {
        return new ResourceSpec(content, etag, Optional.of(at), contentType, ranges);
    }

    public ResourceSpec withoutValidators() {
        return new ResourceSpec(content, Optional.empty(), Optional.empty(), contentType, ranges);
    }

    public ResourceSpec contentType(String type) {
        return new ResourceSpec(content, etag, lastModified, type, ranges);
    }

    public ResourceSpec withoutRanges() {
        return new ResourceSpec(content, etag, lastModified, contentType, false);
    }
}
