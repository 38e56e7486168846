package io.dvflow.dataplane.stop;

import java.io.Closeable;
import java.io.IOException;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Tells every thread of a transfer to end, those that wait on a socket included. */
public final class StopSignal {

    private final CountDownLatch raised = new CountDownLatch(1);
    private final Set<Closeable> blocking = ConcurrentHashMap.newKeySet();

    /** A signal that goes up with this one, and may go up alone. */
    public StopSignal child() {
        StopSignal child = new StopSignal();
        closeWhenRaised(child::raise);
        return child;
    }

    public void raise() {
        raised.countDown();
        blocking.forEach(StopSignal::close);
    }

    public boolean isRaised() {
        return raised.getCount() == 0;
    }

    /** @throws TransferStopped if the signal is up */
    public void check() {
        if (isRaised()) {
            throw new TransferStopped();
        }
    }

    /** @throws TransferStopped if the signal goes up meanwhile */
    public void pause(Duration time) {
        try {
            if (raised.await(time.toMillis(), TimeUnit.MILLISECONDS)) {
                throw new TransferStopped();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new TransferStopped();
        }
    }

    /** Closes what a thread may hang in; at once if the signal is up already. */
    public void closeWhenRaised(Closeable resource) {
        blocking.add(resource);
        if (isRaised()) {
            close(resource);
        }
    }

    public void forget(Closeable resource) {
        blocking.remove(resource);
    }

    private static void close(Closeable resource) {
        try {
            resource.close();
        } catch (IOException e) {
            // Whoever uses it notices the signal; there is nothing to save here.
        }
    }
}
