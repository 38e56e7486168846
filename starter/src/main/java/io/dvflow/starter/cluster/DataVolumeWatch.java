package io.dvflow.starter.cluster;

import io.dvflow.api.v1beta1.DataVolume;
import io.dvflow.starter.CommandFailure;
import io.dvflow.starter.Exit;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** Follows one DataVolume; outlives restarts of the API server, as an informer does. */
public final class DataVolumeWatch implements AutoCloseable {
    private final BlockingQueue<Sighting> sightings = new LinkedBlockingQueue<>();
    private final SharedIndexInformer<DataVolume> informer;

    DataVolumeWatch(Resource<DataVolume> resource, String uid) {
        informer = resource.inform(new ResourceEventHandler<>() {
            @Override
            public void onAdd(DataVolume dataVolume) {
                sightings.add(sighting(dataVolume, uid));
            }

            @Override
            public void onUpdate(DataVolume earlier, DataVolume dataVolume) {
                sightings.add(sighting(dataVolume, uid));
            }

            @Override
            public void onDelete(DataVolume dataVolume, boolean lastStateUnknown) {
                sightings.add(new Sighting.Gone());
            }
        });
        // A deletion between the caller's reading and the first list leaves nothing to be told of later.
        if (informer.getIndexer().list().isEmpty()) {
            sightings.add(new Sighting.Gone());
        }
    }

    /** The next thing to tell, if there is one within the time given. */
    public Optional<Sighting> next(Duration patience) {
        try {
            return Optional.ofNullable(sightings.poll(patience.toMillis(), TimeUnit.MILLISECONDS));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CommandFailure(Exit.INTERRUPTED, "Interrupted while watching", e);
        }
    }

    @Override
    public void close() {
        informer.close();
    }

    private static Sighting sighting(DataVolume dataVolume, String uid) {
        return uid.equals(dataVolume.getMetadata().getUid()) ? new Sighting.Seen(dataVolume) : new Sighting.Gone();
    }
}
