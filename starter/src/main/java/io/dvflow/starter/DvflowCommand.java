package io.dvflow.starter;

import io.dvflow.starter.cluster.Cluster;
import io.dvflow.starter.cluster.ClusterAccess;
import io.dvflow.starter.import_.ImportCommand;
import io.dvflow.starter.intent.CancelCommand;
import io.dvflow.starter.intent.PauseCommand;
import io.dvflow.starter.intent.ResumeCommand;
import io.dvflow.starter.intent.RetryCommand;
import io.dvflow.starter.intent.SetRateLimitCommand;
import io.dvflow.starter.logs.LogsCommand;
import io.dvflow.starter.operation.Hints;
import io.dvflow.starter.output.Screen;
import io.dvflow.starter.show.CompletionCommand;
import io.dvflow.starter.show.ListCommand;
import io.dvflow.starter.show.StatusCommand;
import io.dvflow.starter.show.VersionCommand;
import io.dvflow.starter.show.WatchCommand;
import java.nio.file.Path;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;

/** The root of the command line: what all commands have in common. */
@Command(
        name = "dvflow",
        description = "Brings virtual-machine disks into Kubernetes, and says how far they are.",
        synopsisSubcommandLabel = "COMMAND",
        subcommands = {
            ImportCommand.class,
            ListCommand.class,
            StatusCommand.class,
            WatchCommand.class,
            PauseCommand.class,
            ResumeCommand.class,
            RetryCommand.class,
            CancelCommand.class,
            SetRateLimitCommand.class,
            LogsCommand.class,
            VersionCommand.class,
            CompletionCommand.class
        })
public final class DvflowCommand {
    private final Surroundings surroundings;

    @Option(
            names = "--kubeconfig",
            paramLabel = "FILE",
            scope = ScopeType.INHERIT,
            description = "Kubeconfig file; otherwise $KUBECONFIG, then ~/.kube/config.")
    private Path kubeconfig;

    @Option(
            names = "--context",
            paramLabel = "NAME",
            scope = ScopeType.INHERIT,
            description = "Context of the kubeconfig; otherwise its current one.")
    private String context;

    @Option(
            names = {"-n", "--namespace"},
            paramLabel = "NAMESPACE",
            scope = ScopeType.INHERIT,
            description = "Namespace; otherwise that of the context, then default.")
    private String namespace;

    @Option(
            names = "--system-namespace",
            paramLabel = "NAMESPACE",
            defaultValue = "cdi",
            scope = ScopeType.INHERIT,
            description = "Namespace that dvflow is installed in (default: ${DEFAULT-VALUE}).")
    private String systemNamespace;

    @Option(
            names = "--no-color",
            scope = ScopeType.INHERIT,
            description = "No colours; so does the environment variable NO_COLOR.")
    private boolean noColor;

    @Option(names = "--verbose", scope = ScopeType.INHERIT, description = "Show stack traces of errors.")
    private boolean verbose;

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            scope = ScopeType.INHERIT,
            description = "Show this help.")
    @SuppressWarnings("unused") // picocli acts on it
    private boolean help;

    public DvflowCommand(Surroundings surroundings) {
        this.surroundings = surroundings;
    }

    public Surroundings surroundings() {
        return surroundings;
    }

    /** The screen, in black and white if asked so. */
    public Screen screen() {
        return noColor ? surroundings.screen().withoutColor() : surroundings.screen();
    }

    public Hints hints() {
        return new Hints(surroundings.command());
    }

    public Cluster openCluster() {
        return surroundings.clusters().open(access());
    }

    boolean verbose() {
        return verbose;
    }

    private ClusterAccess access() {
        return new ClusterAccess(
                Optional.ofNullable(kubeconfig),
                Optional.ofNullable(context),
                Optional.ofNullable(namespace),
                systemNamespace);
    }
}
