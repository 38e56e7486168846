package io.dvflow.dataplane.source.imageio;

import com.google.gson.annotations.SerializedName;
import io.dvflow.dataplane.report.TransferFailure;
import io.dvflow.dataplane.source.http.HttpAccess;
import io.dvflow.dataplane.source.http.HttpApi;
import io.dvflow.dataplane.source.http.HttpApi.Answer;
import io.dvflow.dataplane.source.http.HttpApi.Question;
import io.dvflow.dataplane.source.http.HttpSettings;
import io.dvflow.dataplane.source.http.HttpSource;
import io.dvflow.dataplane.source.http.HttpUrl;
import io.dvflow.dataplane.source.http.NoCredentials;
import io.dvflow.transfer.FailureReason;
import io.dvflow.transfer.TransferJson;
import java.io.IOException;
import java.util.List;
import java.util.stream.Stream;

/**
 * A disk as one host serves it for one image transfer; a lost ticket makes another one.
 *
 * @param url holds the ticket, so its path is never shown
 * @param listsExtents whether the host can say where there is data
 * @param mostReaders connections that the host allows
 */
record HostReading(ImageTransfer transfer, HttpUrl url, HttpSource bytes, boolean listsExtents, int mostReaders) {

    /** A host asks its storage for every extent before it answers. */
    private static final int PATIENCE_WITH_EXTENTS = 10;

    private static final int USUAL_MOST_READERS = 8;

    private record Options(
            List<String> features,
            @SerializedName("max_readers") Integer mostReaders) {
        static final Options UNSAID = new Options(null, null);

        Options {
            features = features == null ? List.of() : features;
            mostReaders = mostReaders == null ? USUAL_MOST_READERS : mostReaders;
        }
    }

    /** From the host itself where it can be reached, else through the engine's proxy. */
    static HostReading open(ImageTransfer transfer, HttpAccess access) {
        List<HttpUrl> places = Stream.of(transfer.transferUrl(), transfer.proxyUrl())
                .flatMap(optional -> optional.stream())
                .map(text -> HttpUrl.parse(text).withSecretPath())
                .toList();
        if (places.isEmpty()) {
            throw new TransferFailure(
                    FailureReason.REFUSED_BY_SERVER,
                    "Unable to process data: image transfer " + transfer.id() + " has neither transfer_url nor"
                            + " proxy_url");
        }
        for (HttpUrl place : places.subList(0, places.size() - 1)) {
            try {
                return open(transfer, place, options(place, hasty(access)), access);
            } catch (TransferFailure e) {
                if (e.reason() != FailureReason.CONNECTION_FAILED) {
                    throw e;
                }
                access.reporter().warning(e.getMessage() + "; trying the engine's proxy instead");
            }
        }
        HttpUrl last = places.getLast();
        return open(transfer, last, options(last, access), access);
    }

    long size() {
        return bytes.facts().pin().length();
    }

    /** The host's list of extents, as it is. */
    byte[] extents(HttpAccess access) throws IOException {
        HttpSettings usual = access.settings();
        HttpSettings patient = new HttpSettings(
                usual.connectTimeout(),
                usual.stallTimeout().multipliedBy(PATIENCE_WITH_EXTENTS),
                usual.headTimeout().multipliedBy(PATIENCE_WITH_EXTENTS),
                usual.triesWithoutProgress(),
                usual.firstBackoff(),
                usual.longestBackoff());
        Answer answer = new HttpApi(access.with(patient))
                .ask(
                        "Unable to process data: reading the extents of " + url,
                        new Question("GET", url.child("extents"), List.of(), new byte[0], ImageIoExtents.MOST_BYTES));
        if (answer.status() != 200) {
            throw new IOException("the host answered " + answer.status() + " to a question for extents");
        }
        return answer.body();
    }

    private static HostReading open(ImageTransfer transfer, HttpUrl place, Options options, HttpAccess access) {
        HttpSource bytes = HttpSource.probe(
                "imageio", place, new NoCredentials("The host does not know the ticket that the engine gave"), access);
        if (!bytes.facts().seekable()) {
            throw new TransferFailure(
                    FailureReason.RANGES_REQUIRED,
                    "Unable to process data: " + place + " answers no range requests, which ovirt-imageio does");
        }
        return new HostReading(transfer, place, bytes, options.features.contains("extents"), options.mostReaders);
    }

    /** What the host can do; nothing, if it does not say: everything works without. */
    private static Options options(HttpUrl place, HttpAccess access) {
        try {
            Answer answer = new HttpApi(access)
                    .ask("Unable to connect to imageio data source: " + place, Question.options(place));
            return answer.status() == 200 ? TransferJson.read(answer.text(), Options.class) : Options.UNSAID;
        } catch (IllegalArgumentException e) {
            return Options.UNSAID;
        } catch (TransferFailure e) {
            if (e.reason() != FailureReason.REFUSED_BY_SERVER) {
                throw e;
            }
            return Options.UNSAID;
        }
    }

    /** A host that the pod cannot reach is no reason to wait long: the engine's own address is next. */
    private static HttpAccess hasty(HttpAccess access) {
        HttpSettings usual = access.settings();
        HttpSettings hasty = new HttpSettings(
                usual.connectTimeout().dividedBy(2),
                usual.stallTimeout(),
                usual.headTimeout(),
                2,
                usual.firstBackoff(),
                usual.longestBackoff());
        return access.with(hasty);
    }
}
