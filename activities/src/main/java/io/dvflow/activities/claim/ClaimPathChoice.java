package io.dvflow.activities.claim;

import io.dvflow.api.Annotations;
import io.dvflow.api.v1beta1.DataVolume;
import io.dvflow.workflows.import_.ImportPlan.ClaimPath;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.storage.StorageClass;
import java.util.Optional;

/** How a claim is filled, and whether somebody has to use it first. */
public final class ClaimPathChoice {

    private static final String WAIT_FOR_FIRST_CONSUMER = "WaitForFirstConsumer";

    private ClaimPathChoice() {}

    /** A claim that was made already has the path that it was made for. */
    public static ClaimPath path(
            DataVolume object,
            Optional<PersistentVolumeClaim> existing,
            Optional<StorageClass> storageClass,
            ClusterSettings settings) {
        if (existing.isPresent()) {
            return existing.get().getSpec().getDataSourceRef() == null ? ClaimPath.DIRECT : ClaimPath.POPULATOR;
        }
        boolean forbidden = "false".equals(ClaimBuilder.annotation(object, Annotations.STORAGE_USE_POPULATOR));
        return !forbidden
                        && storageClass
                                .filter(each -> settings.isCsiDriver(each.getProvisioner()))
                                .isPresent()
                ? ClaimPath.POPULATOR
                : ClaimPath.DIRECT;
    }

    /** CDI's gate HonorWaitForFirstConsumer is always on. */
    public static boolean waitsForConsumer(DataVolume object, Optional<StorageClass> storageClass) {
        return ClaimBuilder.annotation(object, Annotations.STORAGE_BIND_IMMEDIATE_REQUESTED) == null
                && storageClass
                        .filter(each -> WAIT_FOR_FIRST_CONSUMER.equals(each.getVolumeBindingMode()))
                        .isPresent();
    }
}
