package io.dvflow.worker;

import io.dvflow.process.Setting;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/**
 * What the worker reads from its environment, beside the {@code TEMPORAL_*} variables that every process of dvflow and
 * the {@code temporal} command share, and the usual ones for reaching the API server.
 */
record WorkerSettings(
        String transferImage,
        String vddkTransferImage,
        String transferImagePullPolicy,
        int maxTransfers,
        int healthPort,
        Duration shutdownGrace,
        String identity) {

    private static final Setting<String> TRANSFER_IMAGE =
            Setting.text("DVFLOW_TRANSFER_IMAGE", null, "the image of transfer pods");
    private static final Setting<String> VDDK_TRANSFER_IMAGE = Setting.text(
            "DVFLOW_VDDK_TRANSFER_IMAGE",
            "",
            "the image of transfer pods that read disks of VMware, if it is another one");
    private static final Setting<String> TRANSFER_IMAGE_PULL_POLICY = Setting.text(
            "DVFLOW_TRANSFER_IMAGE_PULL_POLICY", "IfNotPresent", "when nodes pull it: Always, IfNotPresent or Never");
    private static final Setting<Integer> MAX_TRANSFERS =
            Setting.positive("DVFLOW_MAX_TRANSFERS", 20, "how many transfers this worker follows at once, at most");
    private static final Setting<Integer> HEALTH_PORT =
            Setting.port("DVFLOW_HEALTH_PORT", 8080, "the port of health and metrics");
    private static final Setting<Duration> SHUTDOWN_GRACE = Setting.duration(
            "DVFLOW_SHUTDOWN_GRACE", Duration.ofSeconds(30), "what running steps get to hand over at the end");
    private static final Setting<String> IDENTITY =
            Setting.text("HOSTNAME", "dvflow-worker", "the name of this pod; Kubernetes sets it");

    /** Every variable, for the reference. */
    static final List<Setting<?>> ALL = List.of(
            TRANSFER_IMAGE,
            VDDK_TRANSFER_IMAGE,
            TRANSFER_IMAGE_PULL_POLICY,
            MAX_TRANSFERS,
            HEALTH_PORT,
            SHUTDOWN_GRACE,
            IDENTITY);

    /** @throws IllegalArgumentException naming the variable that is wrong */
    static WorkerSettings from(Map<String, String> environment) {
        String transferImage = TRANSFER_IMAGE.from(environment);
        String vddkTransferImage = VDDK_TRANSFER_IMAGE.from(environment);
        return new WorkerSettings(
                transferImage,
                vddkTransferImage.isEmpty() ? transferImage : vddkTransferImage,
                TRANSFER_IMAGE_PULL_POLICY.from(environment),
                MAX_TRANSFERS.from(environment),
                HEALTH_PORT.from(environment),
                SHUTDOWN_GRACE.from(environment),
                IDENTITY.from(environment));
    }
}
