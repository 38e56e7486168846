package io.dvflow.activities.transfer.source;

import static io.dvflow.activities.transfer.source.SourceSetup.present;

import io.dvflow.api.v1beta1.ImageIoSource;
import io.dvflow.transfer.Checkpoint;
import io.dvflow.transfer.TransferSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** A disk of oVirt. */
final class ImageIoSetup {

    private ImageIoSetup() {}

    static SourceSetup of(ImageIoSource disk, Optional<Checkpoint> checkpoint) {
        Mounted credentials = Mounted.credentials(disk.secretRef());
        Optional<Mounted> certificates = present(disk.certConfigMap()).map(Mounted::certificates);
        List<Mounted> mounted = new ArrayList<>(List.of(credentials));
        certificates.ifPresent(mounted::add);
        return new SourceSetup(
                new TransferSource.ImageIo(
                        disk.url(),
                        disk.diskId(),
                        checkpoint,
                        credentials.path(),
                        certificates.map(Mounted::path),
                        !Boolean.TRUE.equals(disk.insecureSkipVerify())),
                mounted);
    }
}
