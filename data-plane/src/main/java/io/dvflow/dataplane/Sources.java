package io.dvflow.dataplane;

import io.dvflow.dataplane.report.Reporter;
import io.dvflow.dataplane.source.ImageSource;
import io.dvflow.dataplane.source.http.HttpAccess;
import io.dvflow.dataplane.source.http.HttpSource;
import io.dvflow.dataplane.source.registry.PulledImageSource;
import io.dvflow.dataplane.source.registry.Reading;
import io.dvflow.dataplane.source.registry.RegistrySource;
import io.dvflow.dataplane.stop.StopSignal;
import io.dvflow.transfer.TransferSource;
import java.nio.file.Path;
import java.util.Optional;

/** Opens what a plan names: from here on, one source is like another. */
final class Sources {

    private final TransferSettings settings;
    private final StopSignal stop;
    private final Reporter reporter;

    /** @param stop goes up when the work is to end or has failed */
    Sources(TransferSettings settings, StopSignal stop, Reporter reporter) {
        this.settings = settings;
        this.stop = stop;
        this.reporter = reporter;
    }

    /** @throws io.dvflow.dataplane.report.TransferFailure if there is nothing to read */
    ImageSource open(TransferSource source) {
        return switch (source) {
            case TransferSource.Http http ->
                HttpSource.probe(http, access(http.certificateDirectory(), http.verifyTls()));
            case TransferSource.Registry registry ->
                RegistrySource.open(
                        registry,
                        access(registry.certificateDirectory(), !registry.insecure()),
                        new Reading(settings.connections(), settings.marks()),
                        reporter);
            case TransferSource.PulledImage pulled ->
                PulledImageSource.open(pulled, access(Optional.empty(), true), stop, reporter);
            case TransferSource.Blank blank -> throw new IllegalArgumentException("A blank disk has no source");
        };
    }

    private HttpAccess access(Optional<String> certificates, boolean verifyTls) {
        return new HttpAccess(
                settings.environment(), settings.http(), stop, reporter, certificates.map(Path::of), verifyTls);
    }
}
