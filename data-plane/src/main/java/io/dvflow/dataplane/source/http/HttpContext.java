package io.dvflow.dataplane.source.http;

import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;

/** What all connections to one source share. */
final class HttpContext {

    /** As CDI calls the kind of source in its messages: {@code http}, {@code s3}. */
    final String kind;

    final HttpUrl url;
    final Credentials credentials;
    final HttpAccess access;

    /** Body bytes received so far; also how one connection sees that another one is getting on. */
    final AtomicLong fetchedBytes = new AtomicLong();

    /** Where the last redirect led, so that it is followed once and not for each range. */
    final AtomicReference<HttpUrl> resolved = new AtomicReference<>();

    HttpContext(String kind, HttpUrl url, Credentials credentials, HttpAccess access) {
        this.kind = kind;
        this.url = url;
        this.credentials = credentials;
        this.access = access;
    }

    HttpUrl firstChoice() {
        return Optional.ofNullable(resolved.get()).orElse(url);
    }
}
