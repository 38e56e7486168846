package io.dvflow.transfer;

import java.time.Instant;

/**
 * One finished part of a transfer.
 *
 * @param bytes bytes written to the target in it; 0 where that means nothing
 */
public record PhaseTiming(TransferPhase phase, Instant startedAt, long durationMillis, long bytes) {}
