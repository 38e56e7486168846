package io.dvflow.starter;

import io.dvflow.starter.cluster.Cluster;
import io.dvflow.starter.cluster.ClusterAccess;
import io.dvflow.starter.cluster.ClusterOpener;
import io.dvflow.starter.output.Palette;
import io.dvflow.starter.output.Screen;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.ByteArrayInputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/** Runs command lines as a user would, and keeps what they say. */
public final class CommandRun {
    private final ClusterOpener clusters;
    private final String input;

    private CommandRun(ClusterOpener clusters, String input) {
        this.clusters = clusters;
        this.input = input;
    }

    /** Against the server that the clients lead to; each command closes its own. */
    public static CommandRun against(Supplier<? extends KubernetesClient> clients) {
        return new CommandRun(
                access -> new Cluster(clients.get(), access.namespace().orElse("vms"), access.systemNamespace()), "");
    }

    /** As {@link #against}, opened as the program does it. */
    public static CommandRun with(ClusterOpener clusters) {
        return new CommandRun(clusters, "");
    }

    /** Where no cluster may be asked. */
    public static CommandRun offline() {
        return new CommandRun(CommandRun::refuseToOpen, "");
    }

    public CommandRun input(String text) {
        return new CommandRun(clusters, text);
    }

    /** What a finished command left. */
    public record Result(int exit, String out, String err) {}

    public Result run(String... arguments) {
        return start(arguments).result().join();
    }

    /** Runs in the background, for commands that wait for something the test does meanwhile. */
    public Running start(String... arguments) {
        var out = new StringWriter();
        var err = new StringWriter();
        var screen = new Screen(new PrintWriter(out), new PrintWriter(err), false, 100, Palette.PLAIN);
        var in = new ByteArrayInputStream(input.getBytes(StandardCharsets.UTF_8));
        var surroundings = new Surroundings("dvflow", screen, in, Clock.systemUTC(), clusters);
        var result = new CompletableFuture<Result>();
        Thread.ofVirtual().start(() -> {
            try {
                int exit = DvflowMain.run(surroundings, arguments);
                result.complete(new Result(exit, out.toString(), err.toString()));
            } catch (Throwable e) {
                result.completeExceptionally(e);
            }
        });
        return new Running(result, err);
    }

    /** A command at work. */
    public record Running(CompletableFuture<Result> result, StringWriter progress) {
        /** What it has said on standard error so far. */
        public String saidSoFar() {
            return progress.toString();
        }
    }

    private static Cluster refuseToOpen(ClusterAccess access) {
        throw new AssertionError("No cluster was to be asked");
    }
}
