package io.dvflow.activities.transfer;

import io.dvflow.activities.Trouble;
import io.dvflow.activities.kubernetes.Bell;
import io.dvflow.activities.kubernetes.Conflict;
import io.dvflow.activities.kubernetes.Deletion;
import io.dvflow.activities.kubernetes.Following;
import io.dvflow.activities.kubernetes.InformerFollowing;
import io.dvflow.activities.kubernetes.KubernetesCalls;
import io.dvflow.api.DvflowLabels;
import io.dvflow.api.Reasons;
import io.fabric8.kubernetes.api.model.Event;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.OwnerReference;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Status;
import io.fabric8.kubernetes.api.model.StatusDetails;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.ContainerResource;
import io.fabric8.kubernetes.client.dsl.LogWatch;
import io.fabric8.kubernetes.client.dsl.Loggable;
import io.fabric8.kubernetes.client.dsl.PodResource;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** {@link TransferPods} behind a real API server. */
public final class KubernetesTransferPods implements TransferPods {

    private static final Logger LOG = LoggerFactory.getLogger(KubernetesTransferPods.class);

    /** A pod prints about one line a second, and what is durable every few: this is the last half hour. */
    private static final int LAST_LINES = 2000;

    private static final Set<String> MOUNT_TROUBLE = Set.of("FailedMount", "FailedAttachVolume", "FailedMapVolume");

    private final KubernetesClient client;

    public KubernetesTransferPods(KubernetesClient client) {
        this.client = client;
    }

    @Override
    public Following<Pod> follow(String namespace, String name, Bell bell) {
        return InformerFollowing.open("pod " + namespace + "/" + name, resource(namespace, name), bell);
    }

    @Override
    public Pod create(Pod pod) {
        return KubernetesCalls.call(
                "creating transfer pod " + nameOf(pod),
                () -> client.resource(pod).create());
    }

    @Override
    public void createBeside(HasMetadata object) {
        String which = object.getKind() + " " + object.getMetadata().getNamespace() + "/"
                + object.getMetadata().getName();
        try {
            KubernetesCalls.run(
                    "creating " + which, () -> client.resource(object).create());
        } catch (Conflict e) {
            LOG.debug("{} is there already", which);
        }
    }

    @Override
    public void delete(Pod pod) {
        Deletion.of(client, "pods", pod, Optional.empty());
    }

    @Override
    public Pod annotate(Pod pod, Map<String, String> annotations) {
        return patch("annotating", pod, "annotations", annotations);
    }

    @Override
    public void give(Pod pod, OwnerReference owner) {
        patch("giving away", pod, "ownerReferences", List.of(owner));
    }

    /** Leaves alone what has another UID, or is gone. */
    private Pod patch(String doing, Pod pod, String field, Object value) {
        Map<String, Object> metadata = new LinkedHashMap<>();
        metadata.put("uid", pod.getMetadata().getUid());
        metadata.put(field, value);
        // A map of annotations is written as it is: its nulls are what removes one.
        String json = client.getKubernetesSerialization().asJson(Map.of("metadata", metadata));
        try {
            return KubernetesCalls.call(
                    doing + " pod " + nameOf(pod),
                    // On the object as it was seen: by name alone, the client would read it first.
                    () -> client.resource(pod).patch(PatchContext.of(PatchType.JSON_MERGE), json));
        } catch (Trouble e) {
            if (e.reason().equals(Reasons.NOT_FOUND) || isAboutUid(e)) {
                return pod;
            }
            throw e;
        }
    }

    /** How the API server says that another pod has the name now. */
    private static boolean isAboutUid(Trouble trouble) {
        return trouble.getCause() instanceof KubernetesClientException refusal
                && Optional.ofNullable(refusal.getStatus())
                        .map(Status::getDetails)
                        .map(StatusDetails::getCauses)
                        .orElse(List.of())
                        .stream()
                        .anyMatch(cause -> "metadata.uid".equals(cause.getField()));
    }

    @Override
    public Optional<String> mountTrouble(Pod pod) {
        return KubernetesCalls.call(
                        "reading the events of pod " + nameOf(pod),
                        () -> client.v1()
                                .events()
                                .inNamespace(pod.getMetadata().getNamespace())
                                .withField(
                                        "involvedObject.uid", pod.getMetadata().getUid())
                                .list()
                                .getItems())
                .stream()
                .filter(event -> MOUNT_TROUBLE.contains(event.getReason()))
                .max(Comparator.comparing(KubernetesTransferPods::lastSeen))
                .map(Event::getMessage);
    }

    private static String lastSeen(Event event) {
        return Optional.ofNullable(event.getLastTimestamp())
                .or(() -> Optional.ofNullable(event.getEventTime()).map(time -> time.getTime()))
                .orElse(event.getMetadata().getCreationTimestamp());
    }

    @Override
    public List<Pod> labelled(String namespace, String dataVolumeUid) {
        return KubernetesCalls.call(
                "listing pods of DataVolume " + dataVolumeUid,
                () -> client.pods()
                        .inNamespace(namespace)
                        .withLabel(DvflowLabels.DATAVOLUME_UID, dataVolumeUid)
                        .list()
                        .getItems());
    }

    @Override
    public PodLog followLog(Pod pod, Optional<Duration> since, Consumer<String> lines, Bell bell) {
        ContainerResource container = container(pod);
        // Counted back from now by the node's own clock, which need not be ours.
        Loggable log = since.<Loggable>map(back -> container.sinceSeconds(Math.toIntExact(back.toSeconds())))
                .orElse(container);
        // Nothing to wait for: the caller has seen it run. Any other value makes the client list pods first.
        return new StreamedLog(nameOf(pod), log.withReadyWaitTimeout(null), lines, bell);
    }

    @Override
    public List<String> lastLines(Pod pod) {
        try {
            return KubernetesCalls.call(
                            "reading the log of pod " + nameOf(pod),
                            () -> container(pod).tailingLines(LAST_LINES).getLog())
                    .lines()
                    .toList();
        } catch (Trouble e) {
            // Only a resume map is lost with it, and the heartbeat has one: no reason not to go on.
            LOG.info("Cannot read the log of the ended pod {}: {}", nameOf(pod), e.getMessage());
            return List.of();
        }
    }

    private ContainerResource container(Pod pod) {
        return resource(pod.getMetadata().getNamespace(), pod.getMetadata().getName())
                .inContainer(TransferPodBuilder.CONTAINER);
    }

    private PodResource resource(String namespace, String name) {
        return client.pods().inNamespace(namespace).withName(name);
    }

    private static String nameOf(Pod pod) {
        return pod.getMetadata().getNamespace() + "/" + pod.getMetadata().getName();
    }

    /** One request for {@code pods/log} with follow. */
    private static final class StreamedLog implements PodLog {

        private final String pod;
        private final LogWatch watch;
        private final Thread reader;

        StreamedLog(String pod, Loggable log, Consumer<String> lines, Bell bell) {
            this.pod = pod;
            this.watch = KubernetesCalls.call("following the log of pod " + pod, log::watchLog);
            this.reader = Thread.ofVirtual().name("log-" + pod).start(() -> read(lines, bell));
        }

        private void read(Consumer<String> lines, Bell bell) {
            try (var in = new BufferedReader(new InputStreamReader(watch.getOutput(), StandardCharsets.UTF_8))) {
                for (String line = in.readLine(); line != null; line = in.readLine()) {
                    lines.accept(line);
                    bell.ring();
                }
            } catch (IOException | KubernetesClientException e) {
                // Whoever follows opens it again while the pod runs.
                LOG.debug("The log of pod {} broke off: {}", pod, e.getMessage());
            } finally {
                bell.ring();
            }
        }

        @Override
        public boolean hasEnded() {
            return !reader.isAlive();
        }

        @Override
        public void close() {
            watch.close();
        }
    }
}
