package io.dvflow.starter.intent;

import io.dvflow.starter.DvflowCommand;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.ParentCommand;

/** Tries the current step of an operation again now. */
@Command(
        name = "retry",
        description = {
            "Tries the current step of an operation again now.",
            "Use it when the cause of an error is put right, instead of waiting for the next attempt."
        })
public final class RetryCommand implements Callable<Integer> {
    @ParentCommand
    private DvflowCommand dvflow;

    @Mixin
    private Request request;

    @Override
    public Integer call() {
        return request.make(Verb.RETRY, dvflow);
    }
}
