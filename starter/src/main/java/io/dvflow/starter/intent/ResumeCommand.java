package io.dvflow.starter.intent;

import io.dvflow.starter.DvflowCommand;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.ParentCommand;

/** Lets a paused operation go on. */
@Command(
        name = "resume",
        description = {"Lets a paused operation go on.", "It goes on where it stopped, as far as the source allows."})
public final class ResumeCommand implements Callable<Integer> {
    @ParentCommand
    private DvflowCommand dvflow;

    @Mixin
    private Request request;

    @Override
    public Integer call() {
        return request.make(Verb.RESUME, dvflow);
    }
}
