package io.dvflow.bridge.leader;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.extended.leaderelection.LeaderCallbacks;
import io.fabric8.kubernetes.client.extended.leaderelection.LeaderElectionConfigBuilder;
import io.fabric8.kubernetes.client.extended.leaderelection.resourcelock.LeaseLock;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One bridge works, the others stand by. Only thrift: two at work would do everything twice and nothing wrong, since
 * whatever the bridge does may be done twice.
 */
public final class Leadership implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Leadership.class);
    private static final String LEASE = "dvflow-bridge";
    private static final Duration LEASE_DURATION = Duration.ofSeconds(15);
    private static final Duration RENEW_DEADLINE = Duration.ofSeconds(10);
    private static final Duration RETRY_PERIOD = Duration.ofSeconds(2);

    private final KubernetesClient client;
    private final String namespace;
    private final String identity;
    private volatile CompletableFuture<?> election = CompletableFuture.completedFuture(null);
    private volatile boolean closing;

    /**
     * @param namespace where the lease is
     * @param identity of this process, unlike any other's
     */
    public Leadership(KubernetesClient client, String namespace, String identity) {
        this.client = client;
        this.namespace = namespace;
        this.identity = identity;
    }

    /**
     * Takes part in the election.
     *
     * @param won called once, when this process is to work
     * @param lost called when another one is to work instead; not on {@link #close()}
     */
    public void run(Runnable won, Runnable lost) {
        var config = new LeaderElectionConfigBuilder()
                .withName(LEASE)
                .withLock(new LeaseLock(namespace, LEASE, identity))
                .withLeaseDuration(LEASE_DURATION)
                .withRenewDeadline(RENEW_DEADLINE)
                .withRetryPeriod(RETRY_PERIOD)
                .withReleaseOnCancel(true)
                .withLeaderCallbacks(new LeaderCallbacks(won, () -> lostUnlessClosing(lost), Leadership::say))
                .build();
        election = client.leaderElector().withConfig(config).build().start();
    }

    private static void say(String leader) {
        // Nobody's, for a moment, when one gives it back.
        if (leader != null && !leader.isEmpty()) {
            LOG.info("The bridge at work is {}", leader);
        }
    }

    private void lostUnlessClosing(Runnable lost) {
        if (!closing) {
            lost.run();
        }
    }

    /** Gives the lease back, so that the next one need not wait for it to run out. */
    @Override
    public void close() {
        closing = true;
        election.cancel(true);
    }
}
