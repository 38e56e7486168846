package io.dvflow.starter;

import io.dvflow.starter.cluster.ClusterOpener;
import io.dvflow.starter.output.Screen;
import java.io.InputStream;
import java.time.Clock;

/**
 * What the command finds around it; tests bring their own.
 *
 * @param command how it was called, for use in hints: {@code dvflow} or {@code kubectl dv}
 * @param in standard input
 */
public record Surroundings(String command, Screen screen, InputStream in, Clock clock, ClusterOpener clusters) {}
