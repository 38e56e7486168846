package io.dvflow.starter.follow;

import io.dvflow.api.v1beta1.DataVolume;
import io.dvflow.starter.CommandFailure;
import io.dvflow.starter.DvflowCommand;
import io.dvflow.starter.Exit;
import io.dvflow.starter.cluster.Cluster;
import io.dvflow.starter.operation.Explanation;
import io.dvflow.starter.operation.Hints;
import io.dvflow.starter.operation.Operation;
import io.dvflow.starter.operation.Standing;
import io.dvflow.starter.output.Durations;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;

/** Follows an operation until it is over, and turns the way it ended into a result or a failure of the command. */
public final class FollowToEnd {
    private final Cluster cluster;
    private final Clock clock;
    private final Display display;
    private final Hints hints;

    public FollowToEnd(DvflowCommand dvflow, Cluster cluster, Display display) {
        this.cluster = cluster;
        this.clock = dvflow.surroundings().clock();
        this.display = display;
        this.hints = dvflow.hints();
    }

    /** The finished object; throws when the operation did not succeed. */
    public DataVolume follow(DataVolume start, Optional<Duration> timeout) {
        var follower = new Follower(cluster, clock, display);
        return switch (follower.follow(start, operation -> operation.standing().isOver(), timeout)) {
            case Ending.Reached(DataVolume end) -> succeeded(end);
            case Ending.Gone() ->
                throw new CommandFailure(
                        Exit.FAILED, "DataVolume " + Operation.of(start) + " was deleted before it was finished.");
            case Ending.TimedOut(DataVolume last) ->
                throw new CommandFailure(Exit.TIMEOUT, timedOut(Operation.of(last), timeout.orElse(Duration.ZERO)));
        };
    }

    private DataVolume succeeded(DataVolume end) {
        Operation operation = Operation.of(end);
        if (operation.standing() != Standing.SUCCEEDED) {
            Explanation explanation = Explanation.of(operation, hints);
            throw new CommandFailure(
                    Exit.FAILED,
                    "DataVolume " + operation + " was " + operation.standing().words()
                            + operation
                                    .trouble()
                                    .map(words -> ": " + words.replaceFirst("\\.$", ""))
                                    .orElse("")
                            + ". " + explanation.next());
        }
        return end;
    }

    private String timedOut(Operation operation, Duration timeout) {
        Explanation explanation = Explanation.of(operation, hints);
        return "DataVolume " + operation + " was not finished within " + Durations.text(timeout) + "; it goes on. "
                + explanation
                        .waitingFor()
                        .map(waitingFor -> "It waits for " + waitingFor)
                        .orElse(explanation.doing())
                + " Follow on with " + hints.to("watch", operation) + ".";
    }
}
