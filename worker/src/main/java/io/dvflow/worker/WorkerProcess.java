package io.dvflow.worker;

import io.dvflow.temporal.TemporalConnection;
import io.grpc.StatusRuntimeException;
import io.temporal.worker.WorkerFactory;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Starts working as soon as Temporal is there, and stops in an orderly way. */
final class WorkerProcess {

    private static final Logger LOG = LoggerFactory.getLogger(WorkerProcess.class);
    private static final Duration RETRY = Duration.ofSeconds(2);
    /** Readiness is asked every few seconds by each node; Temporal need not hear of every one. */
    private static final Duration HEALTH_KEPT = Duration.ofSeconds(10);

    private final TemporalConnection connection;
    private final WorkerFactory factory;
    private final CountDownLatch stopping = new CountDownLatch(1);

    private boolean serving;
    private long servingKnownNanos = System.nanoTime() - HEALTH_KEPT.toNanos();

    WorkerProcess(TemporalConnection connection, WorkerFactory factory) {
        this.connection = connection;
        this.factory = factory;
    }

    /** Returns when working, or when told to stop. */
    void start() throws InterruptedException {
        do {
            try {
                SearchAttributeRegistration.register(connection);
                factory.start();
                LOG.info("Working for Temporal at {}, namespace {}", connection.address(), connection.namespace());
                return;
            } catch (StatusRuntimeException e) {
                LOG.warn(
                        "Temporal at {} does not let the worker start: {}; trying again every {} s",
                        connection.address(),
                        e.getStatus(),
                        RETRY.toSeconds());
            }
        } while (!stopping.await(RETRY.toMillis(), TimeUnit.MILLISECONDS));
    }

    /** What is missing to be ready; empty when nothing is. */
    String missing() {
        if (stopping.getCount() == 0) {
            return "shutting down";
        }
        if (!factory.isStarted()) {
            return "not connected to Temporal at " + connection.address() + " yet";
        }
        return isServing() ? "" : "Temporal at " + connection.address() + " does not answer";
    }

    private synchronized boolean isServing() {
        if (System.nanoTime() - servingKnownNanos > HEALTH_KEPT.toNanos()) {
            serving = connection.isServing();
            servingKnownNanos = System.nanoTime();
        }
        return serving;
    }

    /** Lets running steps hand over: transfer pods go on, and another worker follows them. */
    void stop(Duration grace) {
        stopping.countDown();
        factory.shutdown();
        factory.awaitTermination(grace.toMillis(), TimeUnit.MILLISECONDS);
        factory.shutdownNow();
    }
}
