package io.dvflow.starter.follow;

import io.dvflow.api.v1beta1.DataVolume;
import io.dvflow.starter.operation.Operation;
import io.dvflow.starter.output.OutputFormat;
import java.io.PrintWriter;
import java.time.Instant;

/** The whole object at each change, for programs. */
public final class DocumentDisplay implements Display {
    private final PrintWriter target;
    private final OutputFormat format;

    public DocumentDisplay(PrintWriter target, OutputFormat format) {
        this.target = target;
        this.format = format;
    }

    @Override
    public void show(DataVolume dataVolume, Operation operation, Instant now) {
        target.print(format.writeInSequence(dataVolume));
        target.flush();
    }
}
