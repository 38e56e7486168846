package io.dvflow.dataplane;

import io.dvflow.dataplane.report.Reporter;
import io.dvflow.dataplane.source.ImageSource;
import io.dvflow.dataplane.source.RateFile;
import io.dvflow.dataplane.source.RateLimit;
import io.dvflow.dataplane.source.gcs.GcsSource;
import io.dvflow.dataplane.source.http.HttpAccess;
import io.dvflow.dataplane.source.http.HttpSettings;
import io.dvflow.dataplane.source.http.MirroredSource;
import io.dvflow.dataplane.source.imageio.ImageIoSource;
import io.dvflow.dataplane.source.registry.PulledImageSource;
import io.dvflow.dataplane.source.registry.Reading;
import io.dvflow.dataplane.source.registry.RegistrySource;
import io.dvflow.dataplane.source.s3.S3Source;
import io.dvflow.dataplane.source.vddk.VddkSource;
import io.dvflow.dataplane.stop.StopSignal;
import io.dvflow.transfer.ResumeMap.SourcePin;
import io.dvflow.transfer.TransferSource;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/** Opens what a plan names: from here on, one source is like another. */
final class Sources {

    private final TransferSettings settings;
    private final StopSignal stop;
    private final Reporter reporter;
    private final RateLimit rate;

    /** @param stop goes up when the work is to end or has failed */
    Sources(TransferSettings settings, StopSignal stop, Reporter reporter) {
        this.settings = settings;
        this.stop = stop;
        this.reporter = reporter;
        this.rate = new RateLimit(new RateFile(settings.rateFile(), reporter));
    }

    /**
     * @param earlier what an earlier attempt has read of, if anything
     * @throws io.dvflow.dataplane.report.TransferFailure if there is nothing to read
     */
    ImageSource open(TransferSource source, Optional<SourcePin> earlier) {
        return switch (source) {
            case TransferSource.Http http ->
                MirroredSource.open(http, access(http.certificateDirectory(), http.verifyTls()));
            case TransferSource.S3 s3 ->
                S3Source.open(s3, access(s3.certificateDirectory(), true), settings.environment());
            case TransferSource.Gcs gcs ->
                GcsSource.open(gcs, access(Optional.empty(), true), nearby(), settings.environment());
            case TransferSource.Registry registry ->
                RegistrySource.open(
                        registry,
                        access(registry.certificateDirectory(), !registry.insecure()),
                        new Reading(settings.connections(), settings.marks()),
                        reporter);
            case TransferSource.PulledImage pulled ->
                PulledImageSource.open(pulled, access(Optional.empty(), true), stop, reporter);
            case TransferSource.ImageIo disk ->
                ImageIoSource.open(disk, earlier, access(disk.certificateDirectory(), disk.verifyTls()));
            case TransferSource.Vddk disk ->
                VddkSource.open(
                        disk,
                        TransferSettings.nbdkit(settings.environment()),
                        access(disk.certificateDirectory(), true));
            case TransferSource.Blank blank -> throw new IllegalArgumentException("A blank disk has no source");
        };
    }

    private HttpAccess access(Optional<String> certificates, boolean verifyTls) {
        return new HttpAccess(
                        settings.environment(), settings.http(), stop, reporter, certificates.map(Path::of), verifyTls)
                .limitedTo(rate);
    }

    /** For a server beside this machine: never through a proxy, and soon given up. */
    private HttpAccess nearby() {
        return new HttpAccess(Map.of(), HttpSettings.nearby(), stop, reporter, Optional.empty(), true);
    }
}
