package io.dvflow.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.Pod;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * The kubelet, the container runtime and all that runs in containers die at once by SIGKILL, as when a node does, and the node
 * comes back. What it does not show is the loss of what was only in the page cache: that is what flushing is tested for.
 */
final class NodeDeath {

    private static final List<String> RUNTIME = List.of("containerd", "kubelet");
    private static final List<String> OURS = List.of("dvflow-worker", "dvflow-bridge", "dvflow-temporal");

    private NodeDeath() {}

    /** Returns when the node works again, and with it what dvflow needs. */
    static String happen() {
        TestCluster cluster = TestCluster.get();
        Map<String, Pod> before = new LinkedHashMap<>();
        OURS.forEach(component -> before.put(component, Victim.podOf(component)));
        // Nobody may see the others die and start them anew.
        RUNTIME.reversed().forEach(component -> cluster.testbed("kill", component));
        List<ProcessHandle> all = containers();
        assertThat(all).as("processes in containers of the testbed's node").isNotEmpty();
        all.forEach(ProcessHandle::destroyForcibly);
        await("everything on the node is dead").until(() -> all.stream().noneMatch(NodeDeath::isAlive));
        RUNTIME.forEach(component -> cluster.testbed("start", component));

        List<String> pids =
                all.stream().map(process -> Long.toString(process.pid())).toList();
        before.forEach((component, pod) -> Victim.successorsOf(component, pod, pids));
        return pids.size() + " processes of the node, kubelet and containerd -> (they run again)";
    }

    /** Shims, and all that has come of them. */
    private static List<ProcessHandle> containers() {
        String state = TestCluster.get().stateDirectory().toString();
        return ProcessHandle.allProcesses()
                .filter(process -> process.info()
                        .commandLine()
                        .filter(line -> line.contains("containerd-shim") && line.contains(state))
                        .isPresent())
                .flatMap(shim -> Stream.concat(Stream.of(shim), shim.descendants()))
                .toList();
    }

    private static boolean isAlive(ProcessHandle process) {
        return Victim.isAlive(Long.toString(process.pid()));
    }
}
