package io.dvflow.starter.show;

import io.dvflow.api.v1beta1.DataVolume;
import io.dvflow.starter.DvflowCommand;
import io.dvflow.starter.Exit;
import io.dvflow.starter.cluster.Cluster;
import io.dvflow.starter.operation.Operation;
import io.dvflow.starter.output.Durations;
import io.dvflow.starter.output.OutputFormat;
import io.dvflow.starter.output.OutputOption;
import io.dvflow.starter.output.Table;
import java.io.PrintWriter;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;

/** Lists DataVolumes. */
@Command(name = "list", description = "Lists the DataVolumes of a namespace, or of all.")
public final class ListCommand implements Callable<Integer> {
    @ParentCommand
    private DvflowCommand dvflow;

    @Option(
            names = {"-A", "--all-namespaces"},
            description = "Those of all namespaces.")
    private boolean everywhere;

    @Option(
            names = {"-l", "--selector"},
            paramLabel = "SELECTOR",
            description = "Only those with these labels, such as team=vms.")
    private String selector;

    @Mixin
    private OutputOption output;

    @Override
    public Integer call() {
        PrintWriter out = dvflow.screen().out();
        try (Cluster cluster = dvflow.openCluster()) {
            Optional<String> labels = Optional.ofNullable(selector);
            List<DataVolume> found = everywhere ? cluster.listEverywhere(labels) : cluster.list(labels);
            if (output.format() != OutputFormat.TABLE) {
                out.print(output.format().write(asList(found)));
            } else if (found.isEmpty()) {
                dvflow.screen()
                        .err()
                        .println("No DataVolumes found"
                                + (everywhere ? "." : " in namespace " + cluster.namespace() + "; -A lists all."));
            } else {
                out.print(table(found.stream().map(Operation::of).toList()));
            }
            out.flush();
        }
        return Exit.OK.code();
    }

    private String table(List<Operation> operations) {
        var headings = new ArrayList<>(List.of("NAME", "SOURCE", "PHASE", "PROGRESS", "RESTARTS", "AGE", "STANDING"));
        if (everywhere) {
            headings.addFirst("NAMESPACE");
        }
        var table = new Table(headings);
        Instant now = dvflow.surroundings().clock().instant();
        for (Operation operation : operations) {
            var cells = new ArrayList<>(cells(operation, now));
            if (everywhere) {
                cells.addFirst(operation.namespace());
            }
            table.row(cells);
        }
        return table.draw();
    }

    private static List<String> cells(Operation operation, Instant now) {
        return List.of(
                operation.name(),
                operation.source(),
                operation.phase().wireName(),
                operation.progress(),
                Integer.toString(operation.restarts()),
                operation
                        .created()
                        .map(created -> Durations.text(Duration.between(created, now)))
                        .orElse(""),
                standing(operation));
    }

    private static String standing(Operation operation) {
        return switch (operation.standing()) {
            case OPEN -> openStanding(operation);
            case PAUSED -> "paused";
            case DELETING -> "being deleted";
            case SUCCEEDED -> "done";
            case FAILED -> "failed";
            case CANCELLED -> "cancelled";
            case GAVE_UP -> "given up";
        };
    }

    private static String openStanding(Operation operation) {
        if (operation.cancelAsked()) {
            return "cancelling";
        }
        if (operation.engineAway().isPresent()) {
            return "workflow engine away";
        }
        if (operation.pauseAsked()) {
            return "pausing";
        }
        if (operation.trouble().isPresent()) {
            return "in trouble";
        }
        return switch (operation.phase()) {
            case WAIT_FOR_FIRST_CONSUMER, PENDING_POPULATION -> "waits for a consumer";
            default -> operation.isTransferring() ? "transferring" : "under way";
        };
    }

    private static Object asList(List<DataVolume> items) {
        var list = new LinkedHashMap<String, Object>();
        list.put("apiVersion", "v1");
        list.put("kind", "List");
        list.put("items", items);
        return list;
    }
}
