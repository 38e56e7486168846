package io.dvflow.activities;

import io.dvflow.activities.kubernetes.Bell;
import io.dvflow.activities.kubernetes.Conflict;
import io.dvflow.activities.kubernetes.Following;
import io.dvflow.activities.transfer.TransferPods;
import io.dvflow.transfer.TransferJson;
import io.dvflow.transfer.TransferOutcome;
import io.dvflow.transfer.TransferReport;
import io.fabric8.kubernetes.api.model.ContainerState;
import io.fabric8.kubernetes.api.model.ContainerStateBuilder;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.OwnerReference;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;

/** At most one pod in memory, and the kubelet's part played by the test. */
public final class FakePods implements TransferPods {

    private final List<Pod> created = new CopyOnWriteArrayList<>();
    private final List<String> lines = new CopyOnWriteArrayList<>();
    private final List<Bell> bells = new CopyOnWriteArrayList<>();
    private final List<Consumer<String>> readers = new CopyOnWriteArrayList<>();
    private volatile Optional<Pod> pod = Optional.empty();
    private volatile Optional<Trouble> nextCreateFails = Optional.empty();
    private volatile Optional<String> mountTrouble = Optional.empty();
    private final List<HasMetadata> beside = new CopyOnWriteArrayList<>();
    private volatile Optional<Trouble> nextCreateBesideFails = Optional.empty();
    private volatile boolean deletionHangs;
    private volatile Consumer<FakePods> onCreate = pods -> {};
    private volatile Consumer<FakePods> onDelete = pods -> {};

    @Override
    public Following<Pod> follow(String namespace, String name, Bell bell) {
        bells.add(bell);
        return new FakeFollowing<>(
                () -> pod.filter(seen -> seen.getMetadata().getName().equals(name)));
    }

    @Override
    public Pod create(Pod wanted) {
        if (nextCreateFails.isPresent()) {
            Trouble trouble = nextCreateFails.get();
            nextCreateFails = Optional.empty();
            throw trouble;
        }
        if (pod.isPresent()) {
            throw new Conflict("pod exists", null);
        }
        Pod made = new PodBuilder(wanted)
                .editMetadata()
                .withUid(UUID.randomUUID().toString())
                .withCreationTimestamp(Instant.now().toString())
                .endMetadata()
                .build();
        lines.clear();
        put(made);
        // Last: who sees it counted goes on at once.
        created.add(made);
        onCreate.accept(this);
        return made;
    }

    @Override
    public void createBeside(HasMetadata object) {
        if (nextCreateBesideFails.isPresent()) {
            Trouble trouble = nextCreateBesideFails.get();
            nextCreateBesideFails = Optional.empty();
            throw trouble;
        }
        beside.add(object);
    }

    @Override
    public void delete(Pod seen) {
        if (pod.filter(now ->
                        now.getMetadata().getUid().equals(seen.getMetadata().getUid()))
                .isEmpty()) {
            return;
        }
        onDelete.accept(this);
        if (deletionHangs) {
            put(new PodBuilder(pod.orElseThrow())
                    .editMetadata()
                    .withDeletionTimestamp(Instant.now().toString())
                    .endMetadata()
                    .build());
        } else {
            vanish();
        }
    }

    @Override
    public Pod annotate(Pod seen, Map<String, String> annotations) {
        if (pod.filter(now ->
                        now.getMetadata().getUid().equals(seen.getMetadata().getUid()))
                .isEmpty()) {
            return seen;
        }
        Map<String, String> all = new HashMap<>(pod.orElseThrow().getMetadata().getAnnotations());
        annotations.forEach((key, value) -> {
            if (value == null) {
                all.remove(key);
            } else {
                all.put(key, value);
            }
        });
        put(new PodBuilder(pod.orElseThrow())
                .editMetadata()
                .withAnnotations(all)
                .endMetadata()
                .build());
        return pod.orElseThrow();
    }

    @Override
    public void give(Pod seen, OwnerReference owner) {
        put(new PodBuilder(pod.orElseThrow())
                .editMetadata()
                .withOwnerReferences(owner)
                .endMetadata()
                .build());
    }

    @Override
    public Optional<String> mountTrouble(Pod seen) {
        return mountTrouble;
    }

    /** The node says so in an event. */
    public void complainOfMounts(String message) {
        mountTrouble = Optional.of(message);
    }

    @Override
    public List<Pod> labelled(String namespace, String dataVolumeUid) {
        return pod.stream().toList();
    }

    @Override
    public PodLog followLog(Pod seen, Optional<Duration> since, Consumer<String> reader, Bell bell) {
        readers.add(reader);
        lines.forEach(reader);
        return new PodLog() {
            @Override
            public boolean hasEnded() {
                return pod.filter(FakePods::runs).isEmpty();
            }

            @Override
            public void close() {
                readers.remove(reader);
            }
        };
    }

    @Override
    public List<String> lastLines(Pod seen) {
        return List.copyOf(lines);
    }

    public void put(Pod next) {
        pod = Optional.of(next);
        ring();
    }

    public void vanish() {
        pod = Optional.empty();
        ring();
    }

    public void run() {
        state(new ContainerStateBuilder().withNewRunning().endRunning().build(), "Running");
    }

    public void waiting(String reason, String message) {
        state(
                new ContainerStateBuilder()
                        .withNewWaiting()
                        .withReason(reason)
                        .withMessage(message)
                        .endWaiting()
                        .build(),
                "Pending");
    }

    /** The kubelet cannot have the image that lies beside the transfer program. */
    public void failPull(String image, String message) {
        put(new PodBuilder(pod.orElseThrow())
                .withNewStatus()
                .withPhase("Pending")
                .addNewInitContainerStatus()
                .withName("server")
                .withImage(image)
                .withNewState()
                .withNewWaiting()
                .withReason("ErrImagePull")
                .withMessage(message)
                .endWaiting()
                .endState()
                .endInitContainerStatus()
                .endStatus()
                .build());
    }

    public void end(int exitCode, TransferOutcome outcome) {
        end(exitCode, "Completed", TransferJson.write(outcome));
    }

    public void end(int exitCode, String reason, String message) {
        state(
                new ContainerStateBuilder()
                        .withNewTerminated()
                        .withExitCode(exitCode)
                        .withReason(reason)
                        .withMessage(message)
                        .endTerminated()
                        .build(),
                exitCode == 0 ? "Succeeded" : "Failed");
    }

    public void print(TransferReport report) {
        String line = TransferJson.write(report);
        lines.add(line);
        readers.forEach(reader -> reader.accept(line));
        ring();
    }

    public void failNextCreate(Trouble trouble) {
        nextCreateFails = Optional.of(trouble);
    }

    /** The node does not confirm that pods end. */
    public void hangDeletions(boolean value) {
        deletionHangs = value;
    }

    public void onCreate(Consumer<FakePods> kubelet) {
        onCreate = kubelet;
    }

    public void onDelete(Consumer<FakePods> kubelet) {
        onDelete = kubelet;
    }

    public void failNextCreateBeside(Trouble trouble) {
        nextCreateBesideFails = Optional.of(trouble);
    }

    /** Secrets and ConfigMaps, in the order in which they were made. */
    public List<HasMetadata> beside() {
        return beside;
    }

    public List<Pod> created() {
        return created;
    }

    public Optional<Pod> current() {
        return pod;
    }

    private void state(ContainerState state, String phase) {
        put(new PodBuilder(pod.orElseThrow())
                .withNewStatus()
                .withPhase(phase)
                .addNewContainerStatus()
                .withName("importer")
                .withImage("transfer:1")
                .withState(state)
                .endContainerStatus()
                .endStatus()
                .build());
    }

    private static boolean runs(Pod pod) {
        return pod.getStatus() != null && "Running".equals(pod.getStatus().getPhase());
    }

    private void ring() {
        bells.forEach(Bell::ring);
    }
}
