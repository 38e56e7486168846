package io.dvflow.worker;

import io.dvflow.activities.claim.ClaimActivitiesImpl;
import io.dvflow.activities.claim.ClaimStore;
import io.dvflow.activities.claim.ClusterSettings;
import io.dvflow.activities.claim.KubernetesClaims;
import io.dvflow.activities.claim.KubernetesClusterSettings;
import io.dvflow.activities.claim.Rebind;
import io.dvflow.activities.claim.Scratch;
import io.dvflow.activities.finish.FinishActivitiesImpl;
import io.dvflow.activities.plan.PlanActivitiesImpl;
import io.dvflow.activities.status.AnnotatedClaims;
import io.dvflow.activities.status.DataVolumeStore;
import io.dvflow.activities.status.EventSink;
import io.dvflow.activities.status.KubernetesDataVolumes;
import io.dvflow.activities.status.KubernetesEvents;
import io.dvflow.activities.status.ObjectsByKind;
import io.dvflow.activities.status.StatusWriter;
import io.dvflow.activities.transfer.ImportProxies;
import io.dvflow.activities.transfer.KubernetesTransferPods;
import io.dvflow.activities.transfer.PodSettings;
import io.dvflow.activities.transfer.TransferActivitiesImpl;
import io.dvflow.activities.transfer.TransferMeter;
import io.dvflow.activities.transfer.TransferPods;
import io.dvflow.activities.transfer.TransferTimings;
import io.dvflow.api.v1beta1.CDIConfig;
import io.dvflow.api.v1beta1.CDIConfigSpec;
import io.dvflow.api.v1beta1.CDIConfigStatus;
import io.dvflow.workflows.claim.ClaimActivities;
import io.dvflow.workflows.finish.FinishActivities;
import io.dvflow.workflows.import_.PlanActivities;
import io.dvflow.workflows.transfer.TransferActivities;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/** The activities, wired to one cluster. */
record ActivitySet(
        PlanActivities planning, ClaimActivities claims, TransferActivities transfers, FinishActivities finishing) {

    static ActivitySet of(KubernetesClient client, WorkerSettings settings, Clock clock, TransferMeter meter) {
        DataVolumeStore objects = new ObjectsByKind(new KubernetesDataVolumes(client), new AnnotatedClaims(client));
        EventSink events = new KubernetesEvents(client, clock);
        StatusWriter status = new StatusWriter(objects, events, clock);
        ClaimStore claims = new KubernetesClaims(client);
        ClusterSettings cluster = new KubernetesClusterSettings(client, clock);
        TransferPods pods = new KubernetesTransferPods(client);
        return new ActivitySet(
                new PlanActivitiesImpl(status, claims, cluster),
                new ClaimActivitiesImpl(
                        status, claims, new Scratch(status, claims, cluster), new Rebind(status, claims, events)),
                new TransferActivitiesImpl(
                        new TransferActivitiesImpl.Doors(status, claims, pods, events, meter),
                        () -> podSettings(settings, cluster),
                        TransferTimings.DEFAULT,
                        clock),
                new FinishActivitiesImpl(objects, status, claims, pods));
    }

    private static PodSettings podSettings(WorkerSettings settings, ClusterSettings cluster) {
        Optional<CDIConfigStatus> config = cluster.config().map(CDIConfig::getStatus);
        return new PodSettings(
                settings.transferImage(),
                settings.transferImagePullPolicy(),
                config.map(CDIConfigStatus::defaultPodResourceRequirements),
                config.map(CDIConfigStatus::imagePullSecrets).orElse(List.of()),
                cluster.workloadPlacement(),
                cluster.config()
                        .map(CDIConfig::getSpec)
                        .map(CDIConfigSpec::insecureRegistries)
                        .orElse(List.of()),
                config.flatMap(status -> Optional.ofNullable(status.importProxy()))
                        .flatMap(proxy -> ImportProxies.of(
                                proxy, name -> authorities(cluster, name), "import-proxy-" + UUID.randomUUID())),
                new PodSettings.Vddk(settings.vddkTransferImage(), cluster.vddkLibraryImage(), cluster::configMap));
    }

    /** What is missing may be made at any moment, and is looked for again then. */
    private static Optional<Map<String, String>> authorities(ClusterSettings cluster, String configMap) {
        Optional<Map<String, String>> found = cluster.ownConfigMap(configMap);
        if (found.isEmpty()) {
            cluster.forget();
        }
        return found;
    }
}
