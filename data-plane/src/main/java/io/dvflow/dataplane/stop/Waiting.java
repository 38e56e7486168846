package io.dvflow.dataplane.stop;

import java.util.concurrent.BlockingQueue;

/** Waits of threads that hand buffers to each other. */
public final class Waiting {

    private Waiting() {}

    /**
     * The next of a queue, as soon as there is one.
     *
     * @throws TransferStopped if the waiting thread is interrupted, which it stays
     */
    public static <T> T take(BlockingQueue<T> queue) {
        try {
            return queue.take();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new TransferStopped();
        }
    }

    /** Returns when the thread has ended, not before: what it uses can be given back then. An interrupt is kept for later. */
    public static void untilEnded(Thread thread) {
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
