package io.dvflow.dataplane.source.http;

import io.dvflow.transfer.FailureReason;
import java.util.Optional;

/**
 * A response without the content asked for.
 *
 * @param text the beginning of its body, as far as the server sent one
 * @param askedAt {@link System#nanoTime} when the request was made, before its credentials were asked for
 */
public record Refusal(ResponseHead head, String text, long askedAt) {

    public int status() {
        return head.status();
    }

    /** What its status alone means; empty if that is to try again, or a matter of the proxy's. */
    public Optional<FailureReason> reason() {
        return switch (head.status()) {
            case 401, 403 -> Optional.of(FailureReason.UNAUTHORIZED);
            case 404, 410 -> Optional.of(FailureReason.NOT_FOUND);
            case 407, 408, 425, 429 -> Optional.empty();
            default -> head.status() >= 500 ? Optional.empty() : Optional.of(FailureReason.REFUSED_BY_SERVER);
        };
    }

    /** CDI's sentence for it, without a full stop. */
    public String inWords(String kind, HttpUrl url) {
        return "Unable to connect to " + kind + " data source: expected status code 200, got " + head.status()
                + ". Status: " + head.status() + " " + head.reason() + " (" + url + ")";
    }
}
