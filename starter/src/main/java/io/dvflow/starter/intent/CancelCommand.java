package io.dvflow.starter.intent;

import io.dvflow.starter.DvflowCommand;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.ParentCommand;

/** Gives an operation up for good. */
@Command(
        name = "cancel",
        description = {
            "Gives an operation up for good.",
            "What it made is removed; the DataVolume stays and says so. This cannot be taken back."
        })
public final class CancelCommand implements Callable<Integer> {
    @ParentCommand
    private DvflowCommand dvflow;

    @Mixin
    private Request request;

    @Override
    public Integer call() {
        return request.make(Verb.CANCEL, dvflow);
    }
}
