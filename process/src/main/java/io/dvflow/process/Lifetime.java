package io.dvflow.process;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The life of a process, until Kubernetes tells it to end. One that was told to, and has handed over what it had in
 * hand, ends with 0: nothing failed, and its pod shows Completed. The JVM by itself would say 143, and the pod Error.
 */
public final class Lifetime {

    /** Exit code of a process that ends by itself because it cannot go on; Kubernetes starts it anew. */
    public static final int FAILED = 1;

    private static final int TOLD_TO_END = 0;
    private static final int UNDECIDED = -1;

    private static final Logger LOG = LoggerFactory.getLogger(Lifetime.class);

    private final AtomicInteger exitCode = new AtomicInteger(UNDECIDED);

    private Lifetime() {}

    /** What a process does on its main thread before it waits for its end. */
    @FunctionalInterface
    public interface Work {
        void begin() throws InterruptedException;
    }

    /**
     * From now on the process ends in an orderly way.
     *
     * @param drain hands over what is in hand and closes what is open, in less than the pod's grace period; the process
     *     ends when it returns, and with {@link #FAILED} when it throws
     */
    public static Lifetime endedBy(Runnable drain) {
        Lifetime lifetime = new Lifetime();
        Runtime.getRuntime().addShutdownHook(new Thread(() -> lifetime.end(drain), "shutdown"));
        return lifetime;
    }

    /** Does the work and waits to be told to end; never returns. Work that throws ends the process as a failed one. */
    public void live(Work work) throws InterruptedException {
        try {
            work.begin();
        } catch (RuntimeException e) {
            LOG.error("This process cannot go on", e);
            fail();
        }
        new CountDownLatch(1).await();
    }

    /**
     * Ends the process, drained, with {@link #FAILED}; unless it is ending already. Returns at once, as the caller may
     * hold a lock that draining needs.
     */
    public void fail() {
        exitCode.compareAndSet(UNDECIDED, FAILED);
        Thread.ofPlatform().name("fail").start(() -> Runtime.getRuntime().exit(FAILED));
    }

    private void end(Runnable drain) {
        exitCode.compareAndSet(UNDECIDED, TOLD_TO_END);
        LOG.info("Shutting down");
        try {
            drain.run();
            LOG.info("Shut down");
        } catch (RuntimeException e) {
            LOG.error("Shutting down did not go as it should", e);
            exitCode.set(FAILED);
        }
        // After a signal the JVM would add 128 to its number; a hook is the last that can say otherwise.
        Runtime.getRuntime().halt(exitCode.get());
    }
}
