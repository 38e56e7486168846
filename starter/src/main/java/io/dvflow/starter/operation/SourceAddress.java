package io.dvflow.starter.operation;

import io.dvflow.api.v1beta1.DataVolume;
import io.dvflow.api.v1beta1.DataVolumeSource;
import io.dvflow.api.v1beta1.DataVolumeSpec;
import io.dvflow.api.v1beta1.GcsSource;
import io.dvflow.api.v1beta1.HttpSource;
import io.dvflow.api.v1beta1.ImageIoSource;
import io.dvflow.api.v1beta1.PvcSource;
import io.dvflow.api.v1beta1.RegistrySource;
import io.dvflow.api.v1beta1.S3Source;
import io.dvflow.api.v1beta1.SnapshotSource;
import io.dvflow.api.v1beta1.Source;
import io.dvflow.api.v1beta1.VddkSource;
import java.util.Optional;

/** Where the data come from, for people to read; credentials within an address are left out. */
final class SourceAddress {
    private SourceAddress() {}

    static Optional<String> of(DataVolume dataVolume) {
        return Optional.ofNullable(dataVolume.getSpec())
                .map(DataVolumeSpec::source)
                .flatMap(SourceAddress::theOnly)
                .flatMap(SourceAddress::address)
                .map(SourceAddress::withoutCredentials);
    }

    static Optional<Source> theOnly(DataVolumeSource source) {
        return source.members().stream().findFirst();
    }

    private static Optional<String> address(Source source) {
        return Optional.ofNullable(
                switch (source) {
                    case HttpSource http -> http.url();
                    case S3Source s3 -> s3.url();
                    case GcsSource gcs -> gcs.url();
                    case RegistrySource registry -> registry.url() == null ? registry.imageStream() : registry.url();
                    case ImageIoSource imageIo -> imageIo.url();
                    case VddkSource vddk -> vddk.url();
                    case PvcSource pvc -> pvc.namespace() + "/" + pvc.name();
                    case SnapshotSource snapshot -> snapshot.namespace() + "/" + snapshot.name();
                    default -> null;
                });
    }

    private static String withoutCredentials(String address) {
        return address.replaceFirst("^([a-zA-Z0-9+.-]+://)[^/?#]*@", "$1").replaceFirst("\\?.*$", "?...");
    }
}
