package io.dvflow.dataplane.source.gcs;

import io.dvflow.dataplane.report.TransferFailure;
import io.dvflow.dataplane.source.http.HttpUrl;
import io.dvflow.dataplane.source.http.Percent;
import io.dvflow.transfer.FailureReason;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Where an object is, in the form of Google's XML API, whose entity tags are strong.
 *
 * @param google whether the server is Google's, and so may see tokens of the pod's own account
 */
record GcsAddress(HttpUrl url, boolean google) {

    private static final String GS = "gs://";
    private static final String GOOGLE = "storage.googleapis.com";
    /** Where people are sent who have logged in with a browser. */
    private static final String FOR_BROWSERS = "storage.cloud.google.com";

    private static final Pattern JSON_API = Pattern.compile("(?:/download)?/storage/v1/b/([^/]+)/o/([^/]+)");

    /**
     * @param text {@code gs://bucket/key} with the key as it is, or {@code https://storage.googleapis.com/bucket/key}, or the
     *     address of the object in the JSON API; for the two latter also another server
     * @param environment may name an emulator that stands in for Google
     * @throws TransferFailure if that names no object
     */
    static GcsAddress parse(String text, Map<String, String> environment) {
        Optional<HttpUrl> emulator = Optional.ofNullable(environment.get("STORAGE_EMULATOR_HOST"))
                .map(host -> HttpUrl.parse(host.contains("://") ? host : "http://" + host));
        String given = text.strip();
        if (given.startsWith(GS)) {
            HttpUrl server = emulator.orElse(HttpUrl.parse("https://" + GOOGLE));
            return at(server, "/" + given.substring(GS.length()), Optional.empty(), true);
        }
        HttpUrl url = HttpUrl.parse(given);
        boolean google = isGoogle(url) || emulator.filter(url::sameServer).isPresent();
        HttpUrl server = url.host().equals(FOR_BROWSERS) ? HttpUrl.parse("https://" + GOOGLE) : url;
        Matcher api = JSON_API.matcher(url.path());
        if (api.matches()) {
            String path = "/" + Percent.decode(api.group(1)) + "/" + Percent.decode(api.group(2));
            return at(server, path, generation(url), google);
        }
        return at(server, Percent.decode(url.path()), url.query(), google);
    }

    /** Whoever signed the URL has signed for us. */
    boolean isSigned() {
        return url.query().filter(query -> query.contains("Signature=")).isPresent();
    }

    private static GcsAddress at(HttpUrl server, String path, Optional<String> query, boolean google) {
        boolean bucketInHost = server.host().endsWith("." + GOOGLE);
        if (!(bucketInHost ? path.length() > 1 : path.matches("(?s)/[^/]+/.+"))) {
            throw new TransferFailure(
                    FailureReason.BAD_PLAN,
                    "Invalid source URL: expected gs://bucket/key or https://" + GOOGLE
                            + "/bucket/key, found no key in " + server.scheme() + "://" + server.authority() + path);
        }
        return new GcsAddress(
                new HttpUrl(
                        server.scheme(),
                        server.host(),
                        server.port(),
                        Percent.encodePath(path),
                        query,
                        Optional.empty()),
                google);
    }

    private static boolean isGoogle(HttpUrl url) {
        String host = url.host();
        return url.isTls() && (host.equals(GOOGLE) || host.endsWith("." + GOOGLE) || host.equals(FOR_BROWSERS));
    }

    /** The one parameter that both APIs have. */
    private static Optional<String> generation(HttpUrl url) {
        Matcher asked = Pattern.compile("(?:^|&)(generation=\\d+)(?:&|$)")
                .matcher(url.query().orElse(""));
        return asked.find() ? Optional.of(asked.group(1)) : Optional.empty();
    }
}
