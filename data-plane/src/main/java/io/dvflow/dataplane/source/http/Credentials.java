package io.dvflow.dataplane.source.http;

import java.io.IOException;
import java.util.List;
import java.util.Optional;

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

    /**
     * As {@link #renew(HttpUrl, ResponseHead)}, for servers that say in the body what is amiss: called for every refusal,
     * at most twice for a request. Credentials that another connection has renewed since the request was made are
     * other ones, too.
     */
    default boolean renew(HttpUrl url, Refusal refusal) throws IOException {
        return HttpStatus.isWantOfRights(refusal.status()) && renew(url, refusal.head());
    }

    /** Where a redirect without an address leads, for servers that say it in another way. */
    default Optional<HttpUrl> redirect(HttpUrl url, ResponseHead head) {
        return Optional.empty();
    }

    /**
     * Throws what a refusal means, where its body says more than its status.
     *
     * @throws io.dvflow.dataplane.report.TransferFailure if asking again cannot help
     * @throws IOException if it may
     */
    default void judge(HttpUrl url, Refusal refusal) throws IOException {
        // Its status says enough.
    }

    /** What the server says in this answer that all of the object hashes to, as {@code algorithm:hex}. */
    default Optional<String> offeredChecksum(ResponseHead head) {
        return Optional.empty();
    }

    /**
     * Full header lines for a HEAD of this URL to which the server says what the object hashes to; empty if there is no need
     * to ask, or no use in it.
     *
     * @throws IOException if they cannot be had just now
     */
    default Optional<List<String>> checksumRequest(HttpUrl url) throws IOException {
        return Optional.empty();
    }

    /** What a person should look at when a request was refused with this status; a whole sentence. */
    String advice(int status);
}
