package io.dvflow.dataplane.source.registry;

import io.dvflow.dataplane.report.Reporter;
import io.dvflow.dataplane.report.Shown;
import io.dvflow.dataplane.report.TransferFailure;
import io.dvflow.dataplane.source.ImageSource;
import io.dvflow.dataplane.source.RangeReader;
import io.dvflow.dataplane.source.SequentialReader;
import io.dvflow.dataplane.source.http.Credentials;
import io.dvflow.dataplane.source.http.HttpAccess;
import io.dvflow.dataplane.source.http.HttpSource;
import io.dvflow.dataplane.source.http.HttpUrl;
import io.dvflow.dataplane.stop.StopSignal;
import io.dvflow.transfer.FailureReason;
import io.dvflow.transfer.Mark;
import io.dvflow.transfer.TransferJson;
import io.dvflow.transfer.TransferSource;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A disk in a container image that the node has pulled, behind the file server in a container of that image. */
public final class PulledImageSource implements ImageSource {

    private static final Duration BETWEEN_LOOKS = Duration.ofMillis(100);
    private static final long LARGEST_OFFER = 4 << 20;

    private final HttpSource disk;
    private final Map<String, String> labels;

    private PulledImageSource(HttpSource disk, Map<String, String> labels) {
        this.disk = disk;
        this.labels = labels;
    }

    /**
     * What the file server says when it is ready.
     *
     * @param url of the disk, on the pod's own address
     * @param error why there is none
     * @param file name of the disk in the image
     * @param environment of the image, {@code NAME=value}
     */
    private record Offer(String url, String error, String file, List<String> environment) {}

    /** Waits for as long as it takes: pulling an image has no time limit. */
    public static PulledImageSource open(
            TransferSource.PulledImage source, HttpAccess access, StopSignal stop, Reporter reporter) {
        Offer offer = awaitOffer(source, stop, reporter);
        if (offer.url() == null) {
            throw new TransferFailure(
                    FailureReason.CORRUPT_IMAGE,
                    "Unable to process data: image " + source.image() + ": " + Shown.text(offer.error()));
        }
        reporter.info("The disk is " + Shown.text(offer.file()) + " in image " + source.image());
        HttpSource disk = HttpSource.probe("registry", HttpUrl.parse(offer.url()), new NoCredentials(), access);
        List<String> environment = offer.environment() == null ? List.of() : offer.environment();
        return new PulledImageSource(disk, ImageLabels.of(environment, reporter));
    }

    private static Offer awaitOffer(TransferSource.PulledImage source, StopSignal stop, Reporter reporter) {
        Path file = Path.of(source.sharedDirectory(), TransferSource.PulledImage.OFFER);
        if (!Files.exists(file)) {
            reporter.info("Waiting for the container of image " + source.image() + " to run");
        }
        while (!Files.exists(file)) {
            stop.pause(BETWEEN_LOOKS);
        }
        try {
            if (Files.size(file) > LARGEST_OFFER) {
                throw unreadable(source, "it is larger than " + LARGEST_OFFER + " bytes", null);
            }
            return TransferJson.read(Files.readString(file), Offer.class);
        } catch (IOException | IllegalArgumentException e) {
            throw unreadable(source, e.getMessage(), e);
        }
    }

    private static TransferFailure unreadable(TransferSource.PulledImage source, String why, Exception cause) {
        return new TransferFailure(
                FailureReason.CORRUPT_IMAGE,
                "Unable to process data: cannot read what the file server in image " + source.image() + " offers: "
                        + Shown.text(why),
                cause);
    }

    @Override
    public Facts facts() {
        return disk.facts();
    }

    @Override
    public Map<String, String> labels() {
        return labels;
    }

    @Override
    public RangeReader ranges() {
        return disk.ranges();
    }

    @Override
    public SequentialReader inOrder(Optional<Mark> from) {
        return disk.inOrder(from);
    }

    @Override
    public long fetchedBytes() {
        return disk.fetchedBytes();
    }

    /** Within a pod there is nobody to log in to. */
    private static final class NoCredentials implements Credentials {
        @Override
        public List<String> headerLines(HttpUrl url) {
            return List.of();
        }

        @Override
        public String advice(int status) {
            return "Something else answers on the address of the pod's file server";
        }
    }
}
