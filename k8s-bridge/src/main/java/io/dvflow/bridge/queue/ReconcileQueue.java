package io.dvflow.bridge.queue;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.Set;

/**
 * Keys that want a look, each at most once: adding a waiting key again changes nothing, and a key added while it is
 * being looked at comes again afterwards. So no event is missed, and no key is in two hands at once.
 */
public final class ReconcileQueue<K> {

    private final Backoff backoff;
    private final InstantSource clock;
    private final Set<K> ready = new LinkedHashSet<>();
    private final Map<K, Instant> due = new HashMap<>();
    private final PriorityQueue<Entry<K>> byTime = new PriorityQueue<>(Comparator.comparing(Entry::at));
    private final Set<K> taken = new HashSet<>();
    private final Set<K> addedMeanwhile = new HashSet<>();
    private final Map<K, Integer> failures = new HashMap<>();

    public ReconcileQueue(Backoff backoff, InstantSource clock) {
        this.backoff = backoff;
        this.clock = clock;
    }

    /** Wants a look now. */
    public synchronized void add(K key) {
        if (taken.contains(key)) {
            addedMeanwhile.add(key);
            return;
        }
        due.remove(key);
        if (ready.add(key)) {
            notifyAll();
        }
    }

    /** Wants a look after a while, or when it is due already, whichever comes first. */
    public synchronized void addAfter(K key, Duration wait) {
        if (!wait.isPositive()) {
            add(key);
            return;
        }
        Instant at = clock.instant().plus(wait);
        Instant known = due.get(key);
        if (ready.contains(key) || (known != null && !known.isAfter(at))) {
            return;
        }
        due.put(key, at);
        byTime.add(new Entry<>(at, key));
        notifyAll();
    }

    /** As {@link #addAfter}, with up to a quarter of the wait taken off at random. */
    public void addAround(K key, Duration wait) {
        addAfter(key, Jitter.spread(wait, backoff.random()));
    }

    /** Wants a look at a random moment within this time. */
    public void addWithin(K key, Duration time) {
        addAfter(
                key,
                Duration.ofMillis(Math.round(time.toMillis() * backoff.random().nextDouble())));
    }

    /** Wants a look after its back-off, which grows with each call until {@link #succeeded}. */
    public synchronized void retry(K key) {
        int count = failures.merge(key, 1, Integer::sum);
        addAfter(key, backoff.after(count));
    }

    /** The key is in order: its next back-off starts small again. */
    public synchronized void succeeded(K key) {
        failures.remove(key);
    }

    /** The next key to look at; it stays out of other hands until {@link #done}. */
    public synchronized K take() throws InterruptedException {
        while (true) {
            Optional<K> key = poll();
            if (key.isPresent()) {
                return key.get();
            }
            long wait = byTime.isEmpty()
                    ? 0
                    : Math.max(
                            1,
                            Duration.between(clock.instant(), byTime.peek().at())
                                    .toMillis());
            wait(wait);
        }
    }

    /** As {@link #take}, without waiting. */
    public synchronized Optional<K> poll() {
        collectDue();
        var first = ready.iterator();
        if (!first.hasNext()) {
            return Optional.empty();
        }
        K key = first.next();
        first.remove();
        taken.add(key);
        return Optional.of(key);
    }

    /** Gives a taken key back. */
    public synchronized void done(K key) {
        taken.remove(key);
        if (addedMeanwhile.remove(key)) {
            add(key);
        }
    }

    /** Keys that want a look now or are being looked at. */
    public synchronized int depth() {
        return ready.size() + taken.size();
    }

    private void collectDue() {
        Instant now = clock.instant();
        while (!byTime.isEmpty() && !byTime.peek().at().isAfter(now)) {
            Entry<K> entry = byTime.poll();
            // An entry whose time is not the key's has been overtaken by an earlier one.
            if (due.remove(entry.key(), entry.at())) {
                add(entry.key());
            }
        }
    }

    private record Entry<K>(Instant at, K key) {}
}
