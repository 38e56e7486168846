package io.dvflow.starter.intent;

import io.dvflow.starter.DvflowCommand;
import io.dvflow.starter.output.RateConverter;
import io.dvflow.transfer.ByteRate;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

/** Limits how fast an operation reads its source. */
@Command(
        name = "set-rate-limit",
        description = {
            "Limits how fast an operation reads its source.",
            "It holds from now on, also for a transfer that runs, until it is set anew."
        })
public final class SetRateLimitCommand implements Callable<Integer> {
    @ParentCommand
    private DvflowCommand dvflow;

    @Mixin
    private Request request;

    @Parameters(
            index = "1",
            paramLabel = "RATE",
            converter = RateConverter.class,
            description = "Bytes per second, such as 50Mi; none for no limit.")
    private ByteRate rate;

    @Override
    public Integer call() {
        return request.make(Verb.SET_RATE_LIMIT, rate.toString(), dvflow);
    }
}
