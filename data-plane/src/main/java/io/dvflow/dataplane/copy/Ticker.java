package io.dvflow.dataplane.copy;

import io.dvflow.dataplane.stop.StopSignal;
import io.dvflow.dataplane.stop.TransferStopped;
import java.time.Duration;

/**
 * Does the small regular things beside a copy; if one of them fails, so does the copy. Often: at a gigabyte a second, a tenth
 * of a second more between two looks is a hundred megabytes that are not durable yet.
 */
public final class Ticker implements AutoCloseable {

    private static final Duration INTERVAL = Duration.ofMillis(50);

    private final StopSignal ended = new StopSignal();
    private final StopSignal copy;
    private final Thread thread;
    private volatile RuntimeException failure;

    private Ticker(StopSignal copy, Runnable task) {
        this.copy = copy;
        this.thread = Thread.ofPlatform().daemon().name("ticker").start(() -> tick(task));
    }

    /** @param copy goes up when the task fails */
    public static Ticker start(StopSignal copy, Runnable task) {
        return new Ticker(copy, task);
    }

    /** Why the copy was stopped, if it was because of the task; the copy itself only knows that it was. */
    public RuntimeException cause(RuntimeException seen) {
        return seen instanceof TransferStopped && failure != null ? failure : seen;
    }

    @Override
    public void close() {
        ended.raise();
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void tick(Runnable task) {
        try {
            while (true) {
                ended.pause(INTERVAL);
                task.run();
            }
        } catch (TransferStopped e) {
            // The copy is over.
        } catch (RuntimeException e) {
            failure = e;
            copy.raise();
        }
    }
}
