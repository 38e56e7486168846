package io.dvflow.starter.import_;

import io.dvflow.api.Annotations;
import io.dvflow.api.DvflowAnnotations;
import io.dvflow.api.v1beta1.BlankSource;
import io.dvflow.api.v1beta1.DataVolume;
import io.dvflow.api.v1beta1.DataVolumeSource;
import io.dvflow.api.v1beta1.DataVolumeSpec;
import io.dvflow.api.v1beta1.HttpSource;
import io.dvflow.api.v1beta1.StorageSpec;
import io.dvflow.transfer.ByteRate;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.VolumeResourceRequirementsBuilder;
import java.util.List;
import java.util.Optional;

/**
 * What the options of {@code import} ask for.
 *
 * @param url where the image is; empty for a blank disk
 * @param size virtual size of the disk
 * @param accessModes none for those of the StorageProfile
 * @param rate how fast the source may be read
 * @param verify whether the finished disk is compared with the source
 * @param contentType empty for the API's default, a disk image
 */
record ImportRequest(
        String namespace,
        String name,
        Optional<String> url,
        Quantity size,
        Optional<String> storageClass,
        Optional<String> volumeMode,
        List<String> accessModes,
        Optional<String> secret,
        Optional<String> certConfigMap,
        boolean immediate,
        ByteRate rate,
        boolean verify,
        Optional<String> contentType) {

    DataVolume toDataVolume() {
        var metadata = new ObjectMetaBuilder().withNamespace(namespace).withName(name);
        if (immediate) {
            metadata.addToAnnotations(Annotations.STORAGE_BIND_IMMEDIATE_REQUESTED, "true");
        }
        if (!rate.isUnlimited()) {
            metadata.addToAnnotations(DvflowAnnotations.RATE_LIMIT, rate.toString());
        }
        if (verify) {
            metadata.addToAnnotations(DvflowAnnotations.VERIFY, "true");
        }
        var dataVolume = new DataVolume();
        dataVolume.setMetadata(metadata.build());
        dataVolume.setSpec(new DataVolumeSpec(
                source(), null, null, storage(), null, null, contentType.orElse(null), List.of(), null, null));
        return dataVolume;
    }

    private DataVolumeSource source() {
        return url.map(address -> DataVolumeSource.of(new HttpSource(
                        address, secret.orElse(null), certConfigMap.orElse(null), List.of(), List.of(), null, null)))
                .orElseGet(() -> DataVolumeSource.of(new BlankSource()));
    }

    private StorageSpec storage() {
        var resources = new VolumeResourceRequirementsBuilder()
                .addToRequests("storage", size)
                .build();
        return new StorageSpec(
                accessModes, null, resources, null, storageClass.orElse(null), volumeMode.orElse(null), null, null);
    }
}
