package io.dvflow.starter.show;

import io.dvflow.api.v1beta1.DataVolume;
import io.dvflow.starter.DvflowCommand;
import io.dvflow.starter.Exit;
import io.dvflow.starter.cluster.Cluster;
import io.dvflow.starter.follow.Display;
import io.dvflow.starter.follow.DocumentDisplay;
import io.dvflow.starter.follow.FollowToEnd;
import io.dvflow.starter.follow.ProgressDisplay;
import io.dvflow.starter.operation.Operation;
import io.dvflow.starter.output.Durations;
import io.dvflow.starter.output.OutputFormat;
import io.dvflow.starter.output.OutputOption;
import io.dvflow.starter.output.Screen;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

/** Follows an operation to its end. */
@Command(
        name = "watch",
        description = {
            "Follows an operation to its end.",
            "With -o json or yaml, prints the whole object at each change: a line, or a document."
        })
public final class WatchCommand implements Callable<Integer> {
    @ParentCommand
    private DvflowCommand dvflow;

    @Parameters(index = "0", paramLabel = "NAME", description = "Name of the DataVolume.")
    private String name;

    @Option(
            names = "--timeout",
            paramLabel = "DURATION",
            converter = Durations.Converter.class,
            description = "Follow no longer than this, such as 30m; otherwise without end.")
    private Duration timeout;

    @Mixin
    private OutputOption output;

    @Override
    public Integer call() {
        Screen screen = dvflow.screen();
        try (Cluster cluster = dvflow.openCluster()) {
            DataVolume found = cluster.get(name);
            DataVolume end =
                    new FollowToEnd(dvflow, cluster, display(screen)).follow(found, Optional.ofNullable(timeout));
            if (output.format() == OutputFormat.TABLE) {
                Operation ended = Operation.of(end);
                screen.out().println("DataVolume " + ended + " is complete in claim " + ended.claim() + ".");
                screen.out().flush();
            }
        }
        return Exit.OK.code();
    }

    private Display display(Screen screen) {
        return output.format() == OutputFormat.TABLE
                ? new ProgressDisplay(screen, screen.err(), dvflow.hints())
                : new DocumentDisplay(screen.out(), output.format());
    }
}
