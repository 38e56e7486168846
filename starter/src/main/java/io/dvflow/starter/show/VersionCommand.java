package io.dvflow.starter.show;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.dvflow.starter.DvflowCommand;
import io.dvflow.starter.Exit;
import io.dvflow.starter.cluster.Cluster;
import io.dvflow.starter.cluster.Installation;
import io.dvflow.starter.output.OutputFormat;
import io.dvflow.starter.output.OutputOption;
import io.dvflow.starter.output.Screen;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;

/** Says which versions are at work. */
@Command(name = "version", description = "Says the version of this command and of what the cluster has installed.")
public final class VersionCommand implements Callable<Integer> {
    @ParentCommand
    private DvflowCommand dvflow;

    @Option(names = "--client", description = "Only that of this command; asks no cluster.")
    private boolean clientOnly;

    @Mixin
    private OutputOption output;

    @Override
    public Integer call() {
        String client = clientVersion();
        if (clientOnly) {
            print(new Versions(client, Optional.empty()), "");
            return Exit.OK.code();
        }
        try (Cluster cluster = dvflow.openCluster()) {
            Optional<Installation> server = cluster.installation();
            print(
                    new Versions(client, server),
                    "server: " + server.map(VersionCommand::describe).orElseGet(() -> unknown(cluster)) + "\n");
        }
        return Exit.OK.code();
    }

    @JsonInclude(JsonInclude.Include.NON_ABSENT)
    record Versions(String client, Optional<Installation> server) {}

    private void print(Versions versions, String serverLine) {
        Screen screen = dvflow.screen();
        screen.out()
                .print(
                        output.format() == OutputFormat.TABLE
                                ? "client: " + versions.client() + "\n" + serverLine
                                : output.format().write(versions));
        screen.out().flush();
    }

    private static String describe(Installation installation) {
        return installation.version().orElse("of unknown version")
                + installation
                        .webUi()
                        .map(address -> ", Temporal Web UI " + address)
                        .orElse("");
    }

    private static String unknown(Cluster cluster) {
        return "not known: ConfigMap " + cluster.systemNamespace() + "/" + Installation.CONFIG_MAP
                + " is not there or may not be read. Is dvflow installed in another namespace (--system-namespace)?";
    }

    private static String clientVersion() {
        return Optional.ofNullable(VersionCommand.class.getPackage().getImplementationVersion())
                .orElse("development");
    }
}
