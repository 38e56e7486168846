package io.dvflow.worker;

import io.dvflow.temporal.SearchAttributeRegistration;
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
    private final SearchAttributeRegistration searchAttributes;
    private final CountDownLatch stopping = new CountDownLatch(1);

    private volatile String waitsFor;
    private String trouble = "";
    private long troubleKnownNanos = System.nanoTime() - HEALTH_KEPT.toNanos();

    WorkerProcess(TemporalConnection connection, WorkerFactory factory) {
        this.connection = connection;
        this.factory = factory;
        this.searchAttributes = new SearchAttributeRegistration(connection);
        this.waitsFor = "not connected to Temporal at " + connection.address() + " yet";
    }

    /** Returns when working, or when told to stop. */
    void start() throws InterruptedException {
        do {
            try {
                searchAttributes.ensure();
                factory.start();
                LOG.info("Working for Temporal at {}, namespace {}", connection.address(), connection.namespace());
                return;
            } catch (StatusRuntimeException e) {
                waitsFor = "no work without Temporal at " + connection.address() + ": " + TemporalConnection.inWords(e);
                LOG.warn("{}; trying again every {} s", waitsFor, RETRY.toSeconds());
            }
        } while (!stopping.await(RETRY.toMillis(), TimeUnit.MILLISECONDS));
    }

    /** What is missing to be ready; empty when nothing is. */
    String missing() {
        if (stopping.getCount() == 0) {
            return "shutting down";
        }
        return factory.isStarted() ? trouble() : waitsFor;
    }

    private synchronized String trouble() {
        if (System.nanoTime() - troubleKnownNanos > HEALTH_KEPT.toNanos()) {
            trouble = connection
                    .trouble()
                    .map(why -> "Temporal at " + connection.address() + " does not serve: " + why)
                    .orElse("");
            troubleKnownNanos = System.nanoTime();
        }
        return trouble;
    }

    /** Lets running steps hand over: transfer pods go on, and another worker follows them. */
    void stop(Duration grace) {
        stopping.countDown();
        if (!factory.isStarted()) {
            // Nothing is in hand, and the SDK cannot shut down what has never spoken to a server.
            return;
        }
        factory.shutdown();
        factory.awaitTermination(grace.toMillis(), TimeUnit.MILLISECONDS);
        if (!factory.isTerminated()) {
            LOG.warn("Steps have not ended within {}; Temporal gives them to another worker when they time out", grace);
        }
        factory.shutdownNow();
    }
}
