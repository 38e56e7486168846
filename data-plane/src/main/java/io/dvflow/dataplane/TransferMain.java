package io.dvflow.dataplane;

import io.dvflow.dataplane.metrics.PodMetrics;
import io.dvflow.dataplane.report.Reporter;
import io.dvflow.dataplane.report.TerminationLog;
import io.dvflow.dataplane.report.TransferFailure;
import io.dvflow.dataplane.stop.StopSignal;
import io.dvflow.transfer.FailureReason;
import io.dvflow.transfer.TransferJson;
import io.dvflow.transfer.TransferOutcome;
import io.dvflow.transfer.TransferPlan;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * The program of a transfer pod: {@code --plan FILE} (default {@code /etc/dvflow/plan.json}) is carried out, reports
 * go to standard output, the outcome into the termination message. Exit code 0 for complete, 1 for failed; SIGTERM
 * makes what is done durable, reports it and ends with 143. {@code --warm-up} carries out tiny plans against itself,
 * for a JVM that records what a transfer needs.
 */
public final class TransferMain {

    private static final String DEFAULT_PLAN = "/etc/dvflow/plan.json";
    /** Less than the time a pod has between SIGTERM and SIGKILL. */
    private static final long SECONDS_TO_STOP = 25;

    private TransferMain() {}

    public static void main(String[] args) throws IOException, GeneralSecurityException {
        if (List.of(args).equals(List.of("--warm-up"))) {
            WarmUp.run();
            System.exit(0);
        }
        Reporter reporter = Reporter.toStandardOutput();
        StopSignal stop = new StopSignal();
        CountDownLatch ended = new CountDownLatch(1);
        stopWhenTold(stop, ended);
        int code = 1;
        try {
            code = carryOut(args, System.getenv(), reporter, stop);
        } finally {
            ended.countDown();
            // On SIGTERM the JVM is on its way out already and has an exit code of its own.
            if (!stop.isRaised()) {
                end(code);
            }
        }
    }

    /**
     * At once. {@link System#exit} looks through every jar for a logger of exits first; everything here is durable, and
     * the only hook waits for what has just ended.
     */
    private static void end(int code) {
        System.out.flush();
        System.err.flush();
        Runtime.getRuntime().halt(code);
    }

    /**
     * Raises the signal when the JVM is told to end, and holds it until the work has ended.
     *
     * @param ended goes to zero when there is nothing to wait for
     */
    static void stopWhenTold(StopSignal stop, CountDownLatch ended) {
        Runtime.getRuntime().addShutdownHook(new Thread(() -> stopAndWait(stop, ended), "stop"));
    }

    /** @return the exit code */
    static int carryOut(String[] args, Map<String, String> environment, Reporter reporter, StopSignal stop) {
        TransferOutcome outcome = outcome(args, environment, reporter, stop);
        switch (outcome) {
            case TransferOutcome.Complete complete -> reporter.info(complete.message());
            case TransferOutcome.Failed failed -> reporter.warning(failed.message());
            case TransferOutcome.Stopped stopped -> reporter.info("Stopped; what was done is durable");
        }
        Path log = TransferSettings.terminationLog(environment);
        try {
            new TerminationLog(log).write(outcome);
        } catch (IOException e) {
            reporter.warning("Cannot write the termination message to " + log + ": " + e);
        }
        return outcome instanceof TransferOutcome.Failed ? 1 : 0;
    }

    private static TransferOutcome outcome(
            String[] args, Map<String, String> environment, Reporter reporter, StopSignal stop) {
        try {
            TransferSettings settings = TransferSettings.of(environment);
            TransferPlan plan = readPlan(planFile(args));
            try (PodMetrics metrics = new PodMetrics(plan.operationId(), settings.metricsPort(), reporter)) {
                return new Transfer(plan, settings, reporter.and(metrics), stop).run();
            }
        } catch (TransferFailure e) {
            return Transfer.failed(e, List.of());
        }
    }

    private static Path planFile(String[] args) {
        if (args.length == 0) {
            return Path.of(DEFAULT_PLAN);
        }
        if (args.length == 2 && args[0].equals("--plan")) {
            return Path.of(args[1]);
        }
        throw new TransferFailure(
                FailureReason.BAD_PLAN,
                "Expected no arguments, '--plan FILE' or '--warm-up', found '" + String.join(" ", args) + "'");
    }

    private static TransferPlan readPlan(Path file) {
        try {
            return TransferJson.read(Files.readString(file), TransferPlan.class);
        } catch (IOException e) {
            throw new TransferFailure(FailureReason.BAD_PLAN, "Cannot read the transfer plan: " + e, e);
        } catch (IllegalArgumentException e) {
            // The plan's text is not repeated: its URL may hold a signature.
            throw new TransferFailure(
                    FailureReason.BAD_PLAN,
                    "The transfer plan in " + file + " is not one that this release understands",
                    e);
        }
    }

    private static void stopAndWait(StopSignal stop, CountDownLatch ended) {
        if (ended.getCount() == 0) {
            return;
        }
        stop.raise();
        try {
            if (!ended.await(SECONDS_TO_STOP, TimeUnit.SECONDS)) {
                System.err.println("The transfer did not stop within " + SECONDS_TO_STOP + " s");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
