package io.dvflow.bridge.queue;

/** Brings one object to what it should be. Called by one thread at a time for any one key. */
@FunctionalInterface
public interface Reconciler<K> {

    /** An exception counts as {@link Next#RETRY} and is logged. */
    Next reconcile(K key);
}
