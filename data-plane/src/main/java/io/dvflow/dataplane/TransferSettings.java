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
 * @param connections {@code DVFLOW_CONNECTIONS}: how many ranges are fetched at once, 1 to 64, default 8
 * @param environment for {@code http_proxy}, {@code https_proxy} and {@code no_proxy}
 * @param marks how far apart the places are at which a stream can be taken up
 */
public record TransferSettings(
        int connections, HttpSettings http, Map<String, String> environment, MarkDistance marks) {

    public TransferSettings(int connections, HttpSettings http, Map<String, String> environment) {
        this(connections, http, environment, MarkDistance.USUAL);
    }

    private static final int MOST_CONNECTIONS = 64;
    private static final int MOST_PORTS = 65535;

    public static TransferSettings of(Map<String, String> environment) {
        return new TransferSettings(
                connections(environment.getOrDefault("DVFLOW_CONNECTIONS", "8")), HttpSettings.defaults(), environment);
    }

    /** {@code DVFLOW_TERMINATION_LOG}: where the outcome goes, default {@code /dev/termination-log}. */
    public static Path terminationLog(Map<String, String> environment) {
        return Path.of(environment.getOrDefault("DVFLOW_TERMINATION_LOG", "/dev/termination-log"));
    }

    /** {@code DVFLOW_NBDKIT}: the program that reads disks of VMware, default {@code nbdkit}. */
    static String nbdkit(Map<String, String> environment) {
        return environment.getOrDefault("DVFLOW_NBDKIT", "nbdkit");
    }

    /** {@code DVFLOW_RATE_LIMIT_FILE}: how fast the source may be read, default {@code /etc/dvflow/rate-limit}. */
    Path rateFile() {
        return Path.of(environment.getOrDefault("DVFLOW_RATE_LIMIT_FILE", "/etc/dvflow/rate-limit"));
    }

    /** {@code DVFLOW_METRICS_PORT}: where metrics are served, default 8443 as in CDI; 0 for nowhere. */
    int metricsPort() {
        return number("DVFLOW_METRICS_PORT", environment.getOrDefault("DVFLOW_METRICS_PORT", "8443"), 0, MOST_PORTS);
    }

    private static int connections(String text) {
        return number("DVFLOW_CONNECTIONS", text, 1, MOST_CONNECTIONS);
    }

    private static int number(String variable, String text, int least, int most) {
        int number = text.matches("\\d{1,5}") ? Integer.parseInt(text) : -1;
        if (number < least || number > most) {
            throw new TransferFailure(
                    FailureReason.BAD_PLAN,
                    "Expected " + variable + " to be " + least + " to " + most + ", found '" + text + "'");
        }
        return number;
    }
}
