package io.dvflow.activities;

import io.dvflow.api.v1beta1.DataVolume;
import io.dvflow.api.v1beta1.DataVolumeSpec;
import io.dvflow.workflows.Intent;
import io.dvflow.workflows.OperationRef;
import io.dvflow.workflows.import_.ImportPlan;
import io.dvflow.workflows.import_.ImportPlan.ClaimPath;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.util.Optional;

/** Objects as users and the API server write them. */
public final class Given {

    public static final String UID = "11111111-2222-3333-4444-555555555555";
    public static final OperationRef REF = new OperationRef("vms", "fedora", UID);

    private static final KubernetesSerialization YAML = new KubernetesSerialization();

    private Given() {}

    public static <T> T yaml(String text, Class<T> type) {
        return YAML.unmarshal(text, type);
    }

    public static String asYaml(Object value) {
        return YAML.asYaml(value);
    }

    /** A spec with a blank source. */
    public static DataVolumeSpec spec(String claim) {
        return yaml("source: {blank: {}}\n" + claim, DataVolumeSpec.class);
    }

    /** An import of a qcow2 image into 1 GiB of class {@code fast}. */
    public static DataVolume httpDataVolume() {
        return yaml("""
                apiVersion: cdi.kubevirt.io/v1beta1
                kind: DataVolume
                metadata:
                  namespace: vms
                  name: fedora
                  uid: %s
                  resourceVersion: "7"
                  creationTimestamp: "2026-01-01T00:00:00Z"
                spec:
                  source: {http: {url: "http://images/fedora.qcow2"}}
                  storage:
                    accessModes: [ReadWriteOnce]
                    volumeMode: Filesystem
                    storageClassName: fast
                    resources: {requests: {storage: 1Gi}}
                """.formatted(UID), DataVolume.class);
    }

    public static ImportPlan plan(ClaimPath path) {
        return plan(path, "Filesystem", Optional.empty());
    }

    public static ImportPlan plan(ClaimPath path, String volumeMode, Optional<Integer> maxAttempts) {
        return new ImportPlan(
                "fedora",
                path,
                false,
                volumeMode,
                "ReadWriteOnce",
                Optional.of("fast"),
                "http",
                1073741824,
                1138166334,
                0.06,
                false,
                maxAttempts,
                Optional.empty(),
                Intent.NONE);
    }
}
