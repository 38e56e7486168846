package io.dvflow.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** Who dies by SIGKILL. Every kill is proved: the process that was there is gone, and another one took its place. */
enum Victim {
    WORKER {
        @Override
        String kill(Held held) {
            return killContainerOf("dvflow-worker");
        }
    },
    BRIDGE {
        @Override
        String kill(Held held) {
            return killContainerOf("dvflow-bridge");
        }
    },
    TEMPORAL {
        @Override
        String kill(Held held) {
            return killContainerOf("dvflow-temporal");
        }
    },
    TRANSFER_POD {
        @Override
        String kill(Held held) {
            return "pid " + killProcessesOf(transferPodOf(held)) + " -> (a new pod)";
        }
    },
    /** The pod goes with its log, and nobody is there to read it: what is left is the heartbeat, and beside a file its journal. */
    TRANSFER_POD_AND_WORKER {
        @Override
        String kill(Held held) {
            return killUnderAll(List.of(held));
        }
    },
    /** Everything that runs on it, at once. What outlives it is the control plane and the disks. */
    NODE {
        @Override
        String kill(Held held) {
            return NodeDeath.happen();
        }
    },
    KUBELET {
        @Override
        String kill(Held held) {
            return killComponent("kubelet");
        }
    },
    API_SERVER {
        @Override
        String kill(Held held) {
            return killComponent("kube-apiserver");
        }
    };

    /** Kills it once and waits until its successor is there. */
    abstract String kill(Held held);

    /** Kills it under all of them: each one's own, or the one that all of them share. */
    String killUnderAll(List<Held> all) {
        return switch (this) {
            case TRANSFER_POD -> all.stream().map(this::kill).collect(Collectors.joining(", "));
            case TRANSFER_POD_AND_WORKER -> killWithTheWorker(all);
            default -> kill(all.getFirst());
        };
    }

    boolean canBeKilledAt(Gate gate) {
        return gate == Gate.TRANSFER
                || !List.of(TRANSFER_POD, TRANSFER_POD_AND_WORKER, NODE).contains(this);
    }

    private static String killWithTheWorker(List<Held> all) {
        List<Pod> pods = all.stream().map(Victim::transferPodOf).toList();
        Pod worker = podOf("dvflow-worker");
        List<String> workers = killProcessesOf(worker);
        List<List<String>> killed = pods.stream().map(Victim::killProcessesOf).toList();
        pods.forEach(pod ->
                TestCluster.get().kubernetes().resource(pod).withGracePeriod(0).delete());
        return "pids " + killed + " with their pods, pid " + workers + " -> "
                + successorsOf("dvflow-worker", worker, workers);
    }

    /** The kubelet may say what it runs later than the program reaches its source. */
    private static Pod transferPodOf(Held held) {
        return await("one transfer pod of the held import, and its container")
                .atMost(TestNamespace.PATIENCE)
                .until(held::transferPods, found -> found.size() == 1 && containerOf(found.getFirst()) != null)
                .getFirst();
    }

    private static String killComponent(String component) {
        String before = TestCluster.get().testbed("pid", component).strip();
        TestCluster.get().testbed("kill", component);
        TestCluster.get().testbed("start", component);
        String after = TestCluster.get().testbed("pid", component).strip();
        assertThat(after).as("pid of " + component + " after the kill").isNotEqualTo(before);
        return "pid " + before + " -> " + after;
    }

    private static String killContainerOf(String component) {
        Pod before = podOf(component);
        List<String> killed = killProcessesOf(before);
        return "pid " + killed + " -> " + successorsOf(component, before, killed);
    }

    static List<String> successorsOf(String component, Pod before, List<String> killed) {
        String oldContainer = containerOf(before);
        await(component + " runs again")
                .atMost(TestNamespace.PATIENCE)
                .pollInterval(Duration.ofMillis(300))
                .ignoreException(KubernetesClientException.class)
                .until(() -> {
                    Pod now = podOf(component);
                    return containerOf(now) != null
                            && !containerOf(now).equals(oldContainer)
                            && !processesOf(containerOf(now)).isEmpty();
                });
        List<String> successors = processesOf(containerOf(podOf(component)));
        assertThat(successors).doesNotContainAnyElementsOf(killed);
        return successors;
    }

    static Pod podOf(String component) {
        return TestCluster.get()
                .kubernetes()
                .pods()
                .inNamespace(TestCluster.SYSTEM_NAMESPACE)
                .withLabel("app.kubernetes.io/component", component.replace("dvflow-", ""))
                .list()
                .getItems()
                .stream()
                .filter(pod -> !pod.isMarkedForDeletion())
                .findFirst()
                .orElseThrow(() -> new IllegalStateException("No pod of " + component));
    }

    private static String containerOf(Pod pod) {
        var statuses = pod.getStatus().getContainerStatuses();
        return statuses.isEmpty() || statuses.getFirst().getContainerID() == null
                ? null
                : statuses.getFirst().getContainerID().replace("containerd://", "");
    }

    /** All of them at once, as an out-of-memory killer would; returns when they are gone. */
    static List<String> killProcessesOf(Pod pod) {
        List<String> pids = processesOf(containerOf(pod));
        assertThat(pids).as("processes of " + pod.getMetadata().getName()).isNotEmpty();
        // Some end by themselves when they see that another one is gone.
        List<String> killed = pids.stream().filter(Victim::kill).toList();
        assertThat(killed).as("killed ones of " + pids).isNotEmpty();
        await().until(() -> pids.stream().noneMatch(Victim::isAlive));
        return pids;
    }

    private static boolean kill(String pid) {
        return ProcessHandle.of(Long.parseLong(pid))
                .map(ProcessHandle::destroyForcibly)
                .orElse(false);
    }

    static boolean isAlive(String pid) {
        try {
            return !Files.readString(Path.of("/proc", pid, "stat")).contains(") Z ");
        } catch (IOException e) {
            return false;
        }
    }

    /** The processes whose control group is that of the container. */
    private static List<String> processesOf(String container) {
        List<String> found = new ArrayList<>();
        try (var entries = Files.newDirectoryStream(Path.of("/proc"), "[0-9]*")) {
            for (Path entry : entries) {
                if (belongsTo(entry, container)) {
                    found.add(entry.getFileName().toString());
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot list processes", e);
        }
        return found;
    }

    private static boolean belongsTo(Path process, String container) throws IOException {
        try {
            return Files.readString(process.resolve("cgroup")).contains(container);
        } catch (NoSuchFileException e) {
            return false;
        } catch (IOException e) {
            if (!Files.exists(process)) {
                return false;
            }
            throw e;
        }
    }
}
