package io.dvflow.bridge.queue;

import java.time.Duration;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Takes keys from a queue and reconciles them, several at a time, each on a virtual thread of its own. */
public final class ReconcileLoop<K> implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(ReconcileLoop.class);
    private static final Duration GRACE = Duration.ofSeconds(10);

    private final String name;
    private final ReconcileQueue<K> queue;
    private final RateLimit limit;
    private final Reconciler<K> reconciler;
    private final Semaphore slots;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final Thread dispatcher;

    /** @param name what is reconciled, for log and thread names */
    public ReconcileLoop(
            String name, ReconcileQueue<K> queue, RateLimit limit, Reconciler<K> reconciler, int parallel) {
        this.name = name;
        this.queue = queue;
        this.limit = limit;
        this.reconciler = reconciler;
        this.slots = new Semaphore(parallel);
        this.dispatcher = Thread.ofVirtual().name("reconcile " + name).unstarted(this::dispatch);
    }

    public void start() {
        dispatcher.start();
    }

    private void dispatch() {
        try {
            while (true) {
                slots.acquire();
                K key = queue.take();
                Thread.sleep(limit.reserve());
                threads.execute(() -> work(key));
            }
        } catch (InterruptedException | RejectedExecutionException e) {
            LOG.debug("No further {} is reconciled: shutting down", name);
        }
    }

    private void work(K key) {
        try {
            schedule(key, reconciler.reconcile(key));
        } catch (RuntimeException e) {
            LOG.warn("Cannot reconcile {} {}; it is tried again", name, key, e);
            queue.retry(key);
        } finally {
            queue.done(key);
            slots.release();
        }
    }

    private void schedule(K key, Next next) {
        switch (next) {
            case Next.Settled _ -> queue.succeeded(key);
            case Next.After(Duration delay) -> {
                queue.succeeded(key);
                queue.addAround(key, delay);
            }
            case Next.Retry _ -> queue.retry(key);
        }
    }

    /** Stops taking keys and gives those in hand a moment to finish. */
    @Override
    public void close() {
        dispatcher.interrupt();
        threads.shutdown();
        try {
            if (!threads.awaitTermination(GRACE.toMillis(), TimeUnit.MILLISECONDS)) {
                LOG.warn("A {} was still being reconciled after {}; the next start looks at it again", name, GRACE);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        threads.shutdownNow();
    }
}
