package io.dvflow.dataplane.source.http;

import io.dvflow.dataplane.report.TransferFailure;
import io.dvflow.dataplane.source.ImageSource.Facts;
import io.dvflow.dataplane.stop.TransferStopped;
import io.dvflow.transfer.TransferSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;

/** Where an image is said to be, and what that server may see. */
record MirrorAddress(HttpUrl url, Credentials credentials) {

    /** The address in the source and its mirrors. Login and headers are for the server of the former alone. */
    static List<MirrorAddress> all(TransferSource.Http source) {
        HttpUrl named = HttpUrl.parse(source.url());
        List<MirrorAddress> all = new ArrayList<>();
        all.add(new MirrorAddress(named, UserHeaders.of(named, source)));
        for (String mirror : source.mirrors()) {
            HttpUrl url = HttpUrl.parse(mirror);
            all.add(new MirrorAddress(
                    url, url.sameServer(named) ? all.getFirst().credentials : UserHeaders.ofLoginIn(url)));
        }
        return all;
    }

    HttpSource probe(HttpAccess access) {
        return HttpSource.probe("http", url, credentials, access);
    }

    /** The first, and of the others those that have something of the same length; each is looked at once and soon given up. */
    static List<Mirror> mirrors(HttpSource first, List<MirrorAddress> others, HttpAccess access) {
        List<Mirror> mirrors = new ArrayList<>(List.of(Mirror.first(first)));
        if (first.facts().seekable()) {
            look(first.facts(), others, access).forEach(found -> found.ifPresent(mirrors::add));
        }
        return List.copyOf(mirrors);
    }

    private static List<Optional<Mirror>> look(Facts first, List<MirrorAddress> others, HttpAccess access) {
        HttpAccess hasty = access.with(HttpSettings.hasty());
        List<Callable<Optional<Mirror>>> looks = others.stream()
                .<Callable<Optional<Mirror>>>map(other -> () -> other.look(first, access, hasty))
                .toList();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Optional<Mirror>> found =
                    threads.invokeAll(looks).stream().map(Future::resultNow).toList();
            access.stop.check();
            return found;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new TransferStopped();
        }
    }

    private Optional<Mirror> look(Facts first, HttpAccess access, HttpAccess hasty) {
        try {
            HttpSource here = probe(hasty).withAccess(access);
            boolean sameBytes = here.facts().pin().strongEtag().isPresent()
                    && here.facts().pin().sameContentAs(first.pin());
            Optional<String> difference = difference(first, here.facts(), sameBytes);
            if (difference.isPresent()) {
                access.reporter.warning("The mirror " + url + " is left out: " + difference.get());
                return Optional.empty();
            }
            return Optional.of(new Mirror(here, sameBytes, new AtomicBoolean()));
        } catch (TransferFailure e) {
            access.reporter.warning("The mirror " + url + " is left out: " + e.getMessage());
            return Optional.empty();
        } catch (TransferStopped e) {
            // Whoever asked for the look finds out by himself.
            return Optional.empty();
        }
    }

    private static Optional<String> difference(Facts first, Facts here, boolean sameBytes) {
        if (!here.seekable()) {
            return Optional.of("its server answers no range requests");
        }
        if (here.pin().length() != first.pin().length()) {
            return Optional.of("it is " + here.pin().length() + " bytes long, "
                    + first.pin().url() + " is " + first.pin().length());
        }
        if (sameBytes && !Arrays.equals(first.firstBytes(), here.firstBytes())) {
            return Optional.of("it begins with other bytes under the same entity tag");
        }
        return Optional.empty();
    }
}
