package io.dvflow.activities.kubernetes;

import io.dvflow.activities.Trouble;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.Informable;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;

/** A {@link Following} by list and watch: two requests, however long it lasts; re-opened by the client when it breaks. */
public final class InformerFollowing<T extends HasMetadata> implements Following<T> {

    private static final Duration FIRST_LIST = Duration.ofSeconds(10);

    private final SharedIndexInformer<T> informer;
    /** Created by us and not yet seen by the watch. */
    private final AtomicReference<T> ahead = new AtomicReference<>();

    private final AtomicReference<Throwable> lastError = new AtomicReference<>();

    private InformerFollowing(Informable<T> resource, Bell bell) {
        this.informer = resource.runnableInformer(0);
        informer.addEventHandler(new ResourceEventHandler<T>() {
            @Override
            public void onAdd(T object) {
                seen(bell);
            }

            @Override
            public void onUpdate(T before, T object) {
                seen(bell);
            }

            @Override
            public void onDelete(T object, boolean lastStateUnknown) {
                seen(bell);
            }
        });
        // Keeps trying while the API server is away; whoever follows says so on the way.
        informer.exceptionHandler((started, error) -> {
            lastError.set(error);
            return true;
        });
    }

    /** Returns when the object, or its absence, is known. */
    public static <T extends HasMetadata> InformerFollowing<T> open(String what, Informable<T> resource, Bell bell) {
        InformerFollowing<T> following = new InformerFollowing<>(resource, bell);
        following.informer.start();
        Instant until = Instant.now().plus(FIRST_LIST);
        while (!following.informer.hasSynced()) {
            if (Instant.now().isAfter(until)) {
                following.close();
                throw following.silence("watching " + what);
            }
            bell.await(Duration.ofMillis(50));
        }
        return following;
    }

    private Trouble silence(String doing) {
        if (lastError.get() instanceof KubernetesClientException answer) {
            return KubernetesCalls.troubleOf(doing, answer);
        }
        return Trouble.of(
                Trouble.Kind.TRANSIENT,
                "ApiServerUnavailable",
                "Failed " + doing + ": no answer from the API server within " + FIRST_LIST.toSeconds() + " s");
    }

    private void seen(Bell bell) {
        ahead.set(null);
        bell.ring();
    }

    @Override
    public Optional<T> latest() {
        T known = informer.getIndexer().list().stream().findFirst().orElse(null);
        return Optional.ofNullable(known == null ? ahead.get() : known);
    }

    @Override
    public boolean isCurrent() {
        return informer.isWatching();
    }

    @Override
    public void created(T object) {
        ahead.set(object);
    }

    @Override
    public void close() {
        informer.stop();
    }
}
