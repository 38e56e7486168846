package io.dvflow.starter.intent;

import io.dvflow.api.v1beta1.DataVolume;
import io.dvflow.starter.CommandFailure;
import io.dvflow.starter.DvflowCommand;
import io.dvflow.starter.Exit;
import io.dvflow.starter.cluster.Cluster;
import io.dvflow.starter.follow.Ending;
import io.dvflow.starter.follow.Follower;
import io.dvflow.starter.follow.ProgressDisplay;
import io.dvflow.starter.operation.Explanation;
import io.dvflow.starter.operation.Operation;
import io.dvflow.starter.operation.Standing;
import io.dvflow.starter.output.Durations;
import io.dvflow.starter.output.OutputFormat;
import io.dvflow.starter.output.OutputOption;
import io.dvflow.starter.output.Screen;
import java.time.Duration;
import java.util.Optional;
import java.util.UUID;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/**
 * What the commands that ask something of an operation have in common. They write annotations; the bridge passes them
 * on. So Kubernetes says who may, and no request is lost with Temporal.
 */
public final class Request {
    @Parameters(index = "0", paramLabel = "NAME", description = "Name of the DataVolume.")
    private String name;

    @Option(
            names = "--wait",
            negatable = true,
            defaultValue = "false",
            fallbackValue = "true",
            description = "Wait until the status shows it; otherwise return once it is asked for (default).")
    private boolean wait;

    @Option(
            names = "--timeout",
            paramLabel = "DURATION",
            defaultValue = "2m",
            converter = Durations.Converter.class,
            description = "With --wait: wait no longer than this (default: ${DEFAULT-VALUE}).")
    private Duration timeout;

    @Mixin
    private OutputOption output;

    int make(Verb verb, DvflowCommand dvflow) {
        return make(verb, UUID.randomUUID().toString(), dvflow);
    }

    int make(Verb verb, String value, DvflowCommand dvflow) {
        try (Cluster cluster = dvflow.openCluster()) {
            DataVolume found = cluster.get(name);
            switch (Decide.about(verb, Operation.of(found), dvflow.hints(), value)) {
                case Decision.Refuse(String message) -> throw new CommandFailure(Exit.REFUSED, message);
                case Decision.AlreadySo(String message) -> tell(dvflow.screen(), found, message);
                case Decision.Write write -> {
                    DataVolume written = cluster.annotate(found, write.annotations());
                    if (wait) {
                        written = await(verb, write, cluster, written, dvflow);
                    }
                    tell(dvflow.screen(), written, (wait ? "done: it " : "asked: it ") + write.effect());
                }
            }
            return Exit.OK.code();
        }
    }

    private DataVolume await(
            Verb verb, Decision.Write write, Cluster cluster, DataVolume written, DvflowCommand dvflow) {
        Screen screen = dvflow.screen();
        var display = new ProgressDisplay(screen, screen.err(), dvflow.hints());
        var follower = new Follower(cluster, dvflow.surroundings().clock(), display);
        var ending = follower.follow(
                written, now -> write.visible().test(now) || now.standing().isOver(), Optional.of(timeout));
        return switch (ending) {
            case Ending.Reached(DataVolume reached) -> shown(verb, write, reached, dvflow);
            case Ending.Gone() ->
                throw new CommandFailure(
                        Exit.FAILED, "DataVolume " + Operation.of(written) + " was deleted meanwhile.");
            case Ending.TimedOut(DataVolume last) ->
                throw new CommandFailure(Exit.TIMEOUT, timedOut(verb, Operation.of(last), dvflow));
        };
    }

    /** It may have ended by itself before the request could take effect. */
    private static DataVolume shown(Verb verb, Decision.Write write, DataVolume reached, DvflowCommand dvflow) {
        Operation operation = Operation.of(reached);
        boolean overtaken =
                operation.standing().isOver() && (verb != Verb.CANCEL || operation.standing() != Standing.CANCELLED);
        if (overtaken || !write.visible().test(operation)) {
            throw new CommandFailure(
                    Exit.REFUSED,
                    "Too late to " + verb.word() + " DataVolume " + operation + ": it was "
                            + operation.standing().words() + " meanwhile. "
                            + Explanation.of(operation, dvflow.hints()).next());
        }
        return reached;
    }

    private String timedOut(Verb verb, Operation operation, DvflowCommand dvflow) {
        return "The request to " + verb.word() + " DataVolume " + operation + " stands on the object, but its status "
                + "does not show it after " + Durations.text(timeout) + "; it still holds. See "
                + dvflow.hints().to("status", operation) + ".";
    }

    private void tell(Screen screen, DataVolume dataVolume, String sentence) {
        if (output.format() == OutputFormat.TABLE) {
            screen.out().println("DataVolume " + Operation.of(dataVolume) + " " + sentence);
        } else {
            screen.out().print(output.format().write(dataVolume));
        }
        screen.out().flush();
    }
}
