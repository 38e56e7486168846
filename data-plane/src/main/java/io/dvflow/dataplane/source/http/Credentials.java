package io.dvflow.dataplane.source.http;

import java.io.IOException;
import java.util.List;

/**
 * What a server wants to see with each request before it hands anything out: logins, tokens, signatures. Safe for use by
 * many threads.
 */
public interface Credentials {

    /**
     * Full header lines, {@code Name: value}, for a GET of this URL. Asked for anew with every request, also after a
     * redirect: whoever implements this decides which servers may see what.
     *
     * @throws IOException if they cannot be had just now
     */
    List<String> headerLines(HttpUrl url) throws IOException;

    /**
     * Called once for a request that was refused with 401 or 403.
     *
     * @return whether there are other credentials now, so that it is worth asking again
     */
    default boolean renew(HttpUrl url, ResponseHead refusal) throws IOException {
        return false;
    }

    /** What a person should look at when a request was refused with this status; a whole sentence. */
    String advice(int status);
}
