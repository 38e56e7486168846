package io.dvflow.dataplane.source.http;

import io.dvflow.transfer.ResumeMap.SourcePin;
import java.util.Optional;

/**
 * The pin of a source, and its entity tag whether strong or weak: a weak one cannot vouch for sameness, but a change
 * of it does tell of a change.
 */
record SourceIdentity(SourcePin pin, Optional<String> anyEtag) {

    static SourceIdentity of(HttpUrl url, long length, ResponseHead head) {
        Optional<String> etag = head.header("etag");
        return new SourceIdentity(
                new SourcePin(
                        url.shown(), length, etag.filter(tag -> !tag.startsWith("W/")), head.header("last-modified")),
                etag);
    }

    /** The condition under which a range is wanted, RFC 9110 §13.1.5. */
    Optional<String> ifRange() {
        if (pin.strongEtag().isPresent()) {
            return pin.strongEtag();
        }
        return anyEtag.isPresent() ? Optional.empty() : pin.lastModified();
    }

    /** What in a later response shows that the source is another one now. */
    Optional<String> differenceTo(ResponseHead head, long total) {
        if (total >= 0 && pin.length() >= 0 && total != pin.length()) {
            return Optional.of("length " + pin.length() + " became " + total);
        }
        Optional<String> etag = head.header("etag");
        if (anyEtag.isPresent() && etag.isPresent()) {
            return anyEtag.equals(etag)
                    ? Optional.empty()
                    : Optional.of("ETag " + anyEtag.get() + " became " + etag.get());
        }
        Optional<String> modified = head.header("last-modified");
        if (pin.lastModified().isPresent()
                && modified.isPresent()
                && !pin.lastModified().equals(modified)) {
            return Optional.of("Last-Modified " + pin.lastModified().get() + " became " + modified.get());
        }
        return Optional.empty();
    }
}
