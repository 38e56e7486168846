package io.dvflow.activities.kubernetes;

import java.time.Duration;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/** Rung by whoever sees news (a watch, a log line), heard by the one thread that decides. */
public final class Bell {

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition rung = lock.newCondition();
    private boolean news;

    public void ring() {
        lock.lock();
        try {
            news = true;
            rung.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Returns at the next ring, or at once if it rang since the last call, or when the time is over. */
    public void await(Duration atMost) {
        lock.lock();
        try {
            long left = atMost.toNanos();
            while (!news && left > 0) {
                left = rung.awaitNanos(left);
            }
            news = false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("Interrupted while waiting for news of the cluster", e);
        } finally {
            lock.unlock();
        }
    }
}
