/**
 * What passes between the worker and a transfer pod, and nothing else: a {@link io.dvflow.transfer.TransferPlan} in
 * (mounted as a file), {@link io.dvflow.transfer.TransferReport} JSON lines on standard output while it runs, and one
 * {@link io.dvflow.transfer.TransferOutcome} as the container's termination message. Either side may be a release older
 * or newer than the other, so fields are only ever added, and unknown ones are ignored.
 */
package io.dvflow.transfer;
