package io.dvflow.dataplane;

import io.dvflow.dataplane.report.TransferFailure;
import io.dvflow.dataplane.source.MarkDistance;
import io.dvflow.dataplane.source.http.HttpSettings;
import io.dvflow.transfer.FailureReason;
import java.nio.file.Path;
import java.util.Map;

/**
 * What can be set beside the plan, from the environment of the container.
 *
 * @param connections {@code DVFLOW_CONNECTIONS}: how many ranges are fetched at once, 1 to 64, default 4
 * @param environment for {@code http_proxy}, {@code https_proxy} and {@code no_proxy}
 * @param marks how far apart the places are at which a stream can be taken up
 */
public record TransferSettings(
        int connections, HttpSettings http, Map<String, String> environment, MarkDistance marks) {

    public TransferSettings(int connections, HttpSettings http, Map<String, String> environment) {
        this(connections, http, environment, MarkDistance.USUAL);
    }

    private static final int MOST_CONNECTIONS = 64;

    public static TransferSettings of(Map<String, String> environment) {
        return new TransferSettings(
                connections(environment.getOrDefault("DVFLOW_CONNECTIONS", "4")), HttpSettings.defaults(), environment);
    }

    /** {@code DVFLOW_TERMINATION_LOG}: where the outcome goes, default {@code /dev/termination-log}. */
    public static Path terminationLog(Map<String, String> environment) {
        return Path.of(environment.getOrDefault("DVFLOW_TERMINATION_LOG", "/dev/termination-log"));
    }

    private static int connections(String text) {
        int count = text.matches("\\d{1,3}") ? Integer.parseInt(text) : 0;
        if (count < 1 || count > MOST_CONNECTIONS) {
            throw new TransferFailure(
                    FailureReason.BAD_PLAN,
                    "Expected DVFLOW_CONNECTIONS to be 1 to " + MOST_CONNECTIONS + ", found '" + text + "'");
        }
        return count;
    }
}
