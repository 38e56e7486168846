package io.dvflow.activities.transfer;

import java.time.Duration;

/**
 * How patient a transfer is.
 *
 * @param tick longest silence towards Temporal
 * @param showEvery least time between two writes of progress to the object
 * @param settle how long a new pod may be unschedulable before the object shows it: it is for a moment while its volume
 *     is made
 * @param keepSlot how long a pod may do nothing before the slot goes to another transfer
 * @param drain what an ended pod's log gets to arrive
 */
public record TransferTimings(Duration tick, Duration showEvery, Duration settle, Duration keepSlot, Duration drain) {

    public static final TransferTimings DEFAULT = new TransferTimings(
            Duration.ofSeconds(2),
            Duration.ofSeconds(2),
            Duration.ofSeconds(10),
            Duration.ofSeconds(30),
            Duration.ofSeconds(5));
}
