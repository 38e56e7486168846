package io.dvflow.testbed.processes;

import java.time.Duration;
import org.awaitility.Awaitility;
import org.junit.platform.launcher.LauncherSession;
import org.junit.platform.launcher.LauncherSessionListener;

/**
 * Lets every wait of a test that names no limit last a minute instead of ten seconds, wherever this module is among the
 * test's libraries: on a busy machine with two cores a real server takes its time, and a wait that succeeds is no longer for it.
 */
public final class Patience implements LauncherSessionListener {
    private static final Duration LIMIT = Duration.ofMinutes(1);

    @Override
    public void launcherSessionOpened(LauncherSession session) {
        Awaitility.setDefaultTimeout(LIMIT);
    }
}
