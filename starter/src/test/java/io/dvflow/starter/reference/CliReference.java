package io.dvflow.starter.reference;

import io.dvflow.starter.DvflowMain;
import io.dvflow.starter.Exit;
import io.dvflow.starter.Surroundings;
import io.dvflow.starter.cluster.Cluster;
import io.dvflow.starter.cluster.ClusterAccess;
import io.dvflow.starter.output.Palette;
import io.dvflow.starter.output.Screen;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.Writer;
import java.time.Clock;
import picocli.CommandLine;

/** Writes the reference page from the command line's own help, so that it cannot say anything else. */
final class CliReference {
    private static final String INTRODUCTION = """
            # The dvflow command

            `bin/dvflow` starts imports, says how far they are and why they wait, and holds, resumes, retries or cancels them.
            It talks to the Kubernetes API server and to nothing else, with the kubeconfig, context and namespace that
            `kubectl` would use; what a user may do with it is what Kubernetes RBAC lets that user do with DataVolumes.
            Requests such as `pause` are annotations on the DataVolume, so `kubectl annotate` can make them, too:

            | command | annotation |
            | --- | --- |
            | `dvflow pause NAME` | `dvflow.io/paused: "true"` |
            | `dvflow resume NAME` | `dvflow.io/paused` removed |
            | `dvflow retry NAME` | `dvflow.io/retry` with a value it never had |
            | `dvflow cancel NAME` | `dvflow.io/cancelled: "true"` |

            With `bin/` on `PATH`, `kubectl dv` is the same command. `source <(dvflow generate-completion)` teaches bash and
            zsh to complete it. Results go to standard output, progress and errors to standard error, so `-o json` and
            `-o yaml` can be piped.

            The launchers need a JDK of version 25 or later. They keep a cache of loaded classes in
            `$XDG_CACHE_HOME/dvflow` (`~/.cache/dvflow`); `DVFLOW_NO_CACHE=1` does without.
            """;

    private CliReference() {}

    static String page() {
        var page = new StringBuilder(INTRODUCTION);
        exitCodes(page);
        CommandLine dvflow = commandLine();
        section(page, dvflow);
        dvflow.getSubcommands().values().forEach(command -> section(page, command));
        return page.toString();
    }

    static CommandLine commandLine() {
        var nowhere = new PrintWriter(Writer.nullWriter());
        var screen = new Screen(nowhere, nowhere, false, 100, Palette.PLAIN);
        return DvflowMain.commandLine(new Surroundings(
                "dvflow", screen, InputStream.nullInputStream(), Clock.systemUTC(), CliReference::noCluster));
    }

    private static void exitCodes(StringBuilder page) {
        page.append("\n## Exit codes\n\n| code | meaning |\n| --- | --- |\n");
        for (Exit exit : Exit.values()) {
            page.append("| ")
                    .append(exit.code())
                    .append(" | ")
                    .append(exit.meaning())
                    .append(" |\n");
        }
    }

    private static void section(StringBuilder page, CommandLine command) {
        page.append("\n## ")
                .append(command.getCommandSpec().qualifiedName())
                .append("\n\n```text\n")
                .append(command.getUsageMessage().stripTrailing().replaceAll("[ \\t]+(?=\\R)", ""))
                .append("\n```\n");
    }

    private static Cluster noCluster(ClusterAccess access) {
        throw new IllegalStateException("Help needs no cluster");
    }
}
