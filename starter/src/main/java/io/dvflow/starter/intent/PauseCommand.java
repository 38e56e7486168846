package io.dvflow.starter.intent;

import io.dvflow.starter.DvflowCommand;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.ParentCommand;

/** Holds an operation at its next safe point. */
@Command(
        name = "pause",
        description = {
            "Holds an operation at its next safe point.",
            "What was transferred is kept; 'resume' goes on from there."
        })
public final class PauseCommand implements Callable<Integer> {
    @ParentCommand
    private DvflowCommand dvflow;

    @Mixin
    private Request request;

    @Override
    public Integer call() {
        return request.make(Verb.PAUSE, dvflow);
    }
}
