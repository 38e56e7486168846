package io.dvflow.activities.transfer.source;

import static io.dvflow.activities.transfer.source.SourceSetup.present;

import io.dvflow.api.v1beta1.S3Source;
import io.dvflow.transfer.TransferSource;
import java.util.Optional;
import java.util.stream.Stream;

/** An image in a bucket. */
final class S3Setup {

    private S3Setup() {}

    static SourceSetup of(S3Source s3) {
        Optional<Mounted> credentials = present(s3.secretRef()).map(Mounted::credentials);
        Optional<Mounted> certificates = present(s3.certConfigMap()).map(Mounted::certificates);
        return new SourceSetup(
                new TransferSource.S3(s3.url(), credentials.map(Mounted::path), certificates.map(Mounted::path)),
                Stream.of(credentials, certificates).flatMap(Optional::stream).toList());
    }
}
