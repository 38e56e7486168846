package io.dvflow.starter.show;

import io.dvflow.api.v1beta1.DataVolume;
import io.dvflow.starter.DvflowCommand;
import io.dvflow.starter.Exit;
import io.dvflow.starter.cluster.Cluster;
import io.dvflow.starter.cluster.Installation;
import io.dvflow.starter.operation.Operation;
import io.dvflow.starter.output.OutputFormat;
import io.dvflow.starter.output.OutputOption;
import io.dvflow.starter.output.Screen;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

/** Says what an operation does, why it waits, and what comes next. */
@Command(
        name = "status",
        description = {
            "Says what an operation does, why it waits, and what comes next.",
            "Links its workflow in the Temporal Web UI, where the installation tells its address."
        })
public final class StatusCommand implements Callable<Integer> {
    @ParentCommand
    private DvflowCommand dvflow;

    @Parameters(index = "0", paramLabel = "NAME", description = "Name of the DataVolume.")
    private String name;

    @Mixin
    private OutputOption output;

    @Override
    public Integer call() {
        Screen screen = dvflow.screen();
        try (Cluster cluster = dvflow.openCluster()) {
            DataVolume found = cluster.get(name);
            Operation operation = Operation.of(found);
            Optional<Installation> installation = cluster.installation();
            Optional<String> warning =
                    operation.restarts() > 0 && operation.trouble().isEmpty()
                            ? cluster.newestWarning(found).map(event -> event.getMessage())
                            : Optional.empty();
            StatusReport report = StatusReport.of(operation, warning, installation, dvflow.hints());
            screen.out()
                    .print(
                            output.format() == OutputFormat.TABLE
                                    ? report.text(
                                            screen.palette(),
                                            dvflow.surroundings().clock().instant())
                                    : output.format().write(report));
            screen.out().flush();
        }
        return Exit.OK.code();
    }
}
