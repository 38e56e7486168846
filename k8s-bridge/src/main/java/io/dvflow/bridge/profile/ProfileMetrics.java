package io.dvflow.bridge.profile;

import io.dvflow.api.Annotations;
import io.dvflow.api.v1beta1.StorageProfileStatus;
import io.fabric8.kubernetes.api.model.storage.StorageClass;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.Tags;
import java.util.Map;
import java.util.TreeMap;

/** CDI's gauge about profiles, one row for each; its alerts look for incomplete and slow default classes. */
final class ProfileMetrics {

    private final MultiGauge gauge;
    private final Map<String, Tags> rows = new TreeMap<>();

    ProfileMetrics(MeterRegistry registry) {
        this.gauge = MultiGauge.builder("kubevirt_cdi_storageprofile_info")
                .description("Storage classes and what they can do")
                .register(registry);
    }

    synchronized void record(StorageClass storageClass, ResolvedProfile profile) {
        StorageProfileStatus status = profile.status();
        boolean shared = status.claimPropertySets().stream()
                .anyMatch(set -> set.accessModes().contains("ReadWriteMany"));
        boolean clonesFast = "csi-clone".equals(status.cloneStrategy())
                || ("snapshot".equals(status.cloneStrategy()) && status.snapshotClass() != null);
        rows.put(
                status.storageClass(),
                Tags.of("storageclass", status.storageClass(), "provisioner", status.provisioner())
                        .and("complete", Boolean.toString(profile.complete()))
                        .and("default", annotated(storageClass, Annotations.DEFAULT_STORAGE_CLASS))
                        .and("virtdefault", annotated(storageClass, Annotations.DEFAULT_VIRT_STORAGE_CLASS))
                        .and("rwx", Boolean.toString(shared))
                        .and("smartclone", Boolean.toString(clonesFast))
                        .and("degraded", Boolean.toString(!shared || !clonesFast)));
        publish();
    }

    synchronized void forget(String storageClass) {
        if (rows.remove(storageClass) != null) {
            publish();
        }
    }

    private void publish() {
        gauge.register(
                rows.values().stream().map(tags -> MultiGauge.Row.of(tags, 1)).toList(), true);
    }

    private static String annotated(StorageClass storageClass, String key) {
        Map<String, String> annotations = storageClass.getMetadata().getAnnotations();
        return Boolean.toString(annotations != null && "true".equals(annotations.get(key)));
    }
}
