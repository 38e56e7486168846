package io.dvflow.starter.logs;

import io.dvflow.api.DvflowAnnotations;
import io.dvflow.api.v1beta1.DataVolume;
import io.dvflow.starter.CommandFailure;
import io.dvflow.starter.DvflowCommand;
import io.dvflow.starter.Exit;
import io.dvflow.starter.cluster.Cluster;
import io.dvflow.starter.cluster.TransferPod;
import io.dvflow.starter.operation.Operation;
import io.dvflow.starter.operation.Standing;
import io.dvflow.starter.output.Durations;
import io.dvflow.transfer.KeptLog;
import io.dvflow.transfer.TransferJson;
import io.fabric8.kubernetes.api.model.Event;
import io.fabric8.kubernetes.client.dsl.LogWatch;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

/** Shows what the transfer pod of an operation writes. */
@Command(
        name = "logs",
        description = {
            "Shows what the transfer pod of an operation writes, in words.",
            "It is the pod of the newest attempt: the one at work, or one that failed, which stays until the next.",
            "A log goes with its pod: when there is none, what is kept of the last is shown, which is its end."
        })
public final class LogsCommand implements Callable<Integer> {
    @ParentCommand
    private DvflowCommand dvflow;

    @Parameters(index = "0", paramLabel = "NAME", description = "Name of the DataVolume.")
    private String name;

    @Option(
            names = {"-f", "--follow"},
            description = "Go on until the pod ends; if it has not started yet, wait for that.")
    private boolean follow;

    @Option(names = "--raw", description = "The lines as the pod writes them: JSON.")
    private boolean raw;

    @Option(names = "--tail", paramLabel = "LINES", description = "Only the last lines, so many.")
    private Integer tail;

    @Option(
            names = "--start-timeout",
            paramLabel = "DURATION",
            defaultValue = "5m",
            converter = Durations.Converter.class,
            description = "With -f: wait no longer than this for the pod to start (default: ${DEFAULT-VALUE}).")
    private Duration startTimeout;

    @Override
    public Integer call() {
        try (Cluster cluster = dvflow.openCluster()) {
            DataVolume found = cluster.get(name);
            Operation operation = Operation.of(found);
            Optional<TransferPod> pod = cluster.newestTransferPod(found);
            Optional<KeptLog> kept = keptOf(found);
            if (kept.isPresent()
                    && !follow
                    && pod.filter(TransferPod::hasStarted).isEmpty()) {
                print(kept.get());
                return Exit.OK.code();
            }
            TransferPod newest = pod.orElseThrow(() -> noPod(cluster, found, operation));
            TransferPod started = newest.hasStarted() ? newest : started(cluster, newest);
            say(started, operation);
            print(cluster, started);
        } catch (IOException e) {
            throw new CommandFailure(
                    Exit.CLUSTER, "The connection broke while the log was read: " + e.getMessage() + ".", e);
        }
        return Exit.OK.code();
    }

    private static Optional<KeptLog> keptOf(DataVolume dataVolume) {
        return Optional.ofNullable(dataVolume.getMetadata().getAnnotations())
                .map(annotations -> annotations.get(DvflowAnnotations.LOG))
                .flatMap(TransferJson::readKeptLog);
    }

    private void print(KeptLog kept) {
        PrintWriter err = dvflow.screen().err();
        err.println("Pod " + kept.pod() + ", of attempt " + kept.attempt()
                + ", is gone; this is what is kept of its log, its end.");
        err.flush();
        List<String> lines = kept.lines();
        int first = tail == null ? 0 : Math.max(0, lines.size() - tail);
        PrintWriter out = dvflow.screen().out();
        lines.subList(first, lines.size()).forEach(line -> out.println(raw ? line : LogLine.forPeople(line)));
        if (!raw) {
            kept.lastWords().map(LogLine::lastWords).ifPresent(out::println);
        }
        out.flush();
    }

    /** Whose words follow, and whose do not. */
    private void say(TransferPod pod, Operation operation) {
        PrintWriter err = dvflow.screen().err();
        err.println("Pod " + pod.name() + ", which " + (pod.hasEnded() ? "has ended" : "is at work")
                + (operation.restarts() == 0
                        ? "."
                        : "; restarts so far: " + operation.restarts()
                                + ". The logs of earlier attempts are gone with their pods."));
        err.flush();
    }

    private void print(Cluster cluster, TransferPod pod) throws IOException {
        Optional<Integer> lines = Optional.ofNullable(tail);
        if (follow) {
            try (LogWatch log = cluster.followLog(pod, lines)) {
                print(log.getOutput());
            }
        } else {
            try (InputStream log = cluster.log(pod, lines)) {
                print(log);
            }
        }
        if (!raw) {
            PrintWriter out = dvflow.screen().out();
            pod.terminationMessage().map(LogLine::lastWords).ifPresent(out::println);
            out.flush();
        }
    }

    private void print(InputStream log) throws IOException {
        PrintWriter out = dvflow.screen().out();
        var reader = new BufferedReader(new InputStreamReader(log, StandardCharsets.UTF_8));
        for (String line = reader.readLine(); line != null; line = reader.readLine()) {
            out.println(raw ? line : LogLine.forPeople(line));
            out.flush();
        }
    }

    private TransferPod started(Cluster cluster, TransferPod pod) {
        if (follow) {
            dvflow.screen().err().println("Pod " + pod.name() + " has not started yet (" + pod.waitsFor() + ").");
            return cluster.awaitStart(pod, startTimeout)
                    .orElseThrow(() -> new CommandFailure(
                            Exit.TIMEOUT,
                            "Pod " + pod.name() + " did not start within " + Durations.text(startTimeout) + ". See "
                                    + "'kubectl describe pod -n " + cluster.namespace() + " " + pod.name() + "'."));
        }
        throw new CommandFailure(
                Exit.NOT_FOUND,
                "Pod " + pod.name() + " has no log: it has not started (" + pod.waitsFor() + "). -f waits for it.");
    }

    private CommandFailure noPod(Cluster cluster, DataVolume dataVolume, Operation operation) {
        String phase = operation.phase().wireName();
        String lastError = operation
                .trouble()
                .or(() -> operation.standing() == Standing.SUCCEEDED
                        ? Optional.empty()
                        : cluster.newestWarning(dataVolume).map(Event::getMessage))
                .map(words -> " Last error: " + words.replaceFirst("\\.$", "") + ".")
                .orElse("");
        return new CommandFailure(
                Exit.NOT_FOUND,
                "DataVolume " + operation + " has no transfer pod, and a log goes with its pod; it is "
                        + operation.standing().words() + " (phase "
                        + (phase.isEmpty() ? "none" : phase) + ")." + lastError + " See "
                        + dvflow.hints().to("status", operation) + workflow(cluster, operation) + ".");
    }

    /** Its workflow keeps the failure of each step, and the phases of a finished transfer. */
    private static String workflow(Cluster cluster, Operation operation) {
        return operation
                .workflowId()
                .map(id -> " and its workflow in Temporal, "
                        + cluster.installation()
                                .flatMap(installed -> installed.workflowPage(id))
                                .orElse(id))
                .orElse("");
    }
}
