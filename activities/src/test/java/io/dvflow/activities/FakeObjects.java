package io.dvflow.activities;

import io.dvflow.activities.kubernetes.Conflict;
import io.dvflow.activities.status.DataVolumeStore;
import io.dvflow.activities.status.EventNote;
import io.dvflow.activities.status.EventSink;
import io.dvflow.api.v1beta1.DataVolume;
import io.dvflow.api.v1beta1.DataVolumeStatus;
import io.dvflow.workflows.OperationRef;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;

/** One DataVolume in memory, with the API server's rules about versions. */
public final class FakeObjects implements DataVolumeStore, EventSink {

    private final List<EventNote> events = new CopyOnWriteArrayList<>();
    private final List<DataVolumeStatus> written = new CopyOnWriteArrayList<>();
    private Optional<DataVolume> object;
    private Optional<Trouble> nextWriteFails = Optional.empty();

    public FakeObjects(DataVolume object) {
        this.object = Optional.of(object);
    }

    @Override
    public synchronized Optional<DataVolume> find(OperationRef ref) {
        return object.filter(seen -> seen.getMetadata().getUid().equals(ref.uid()))
                .map(FakeObjects::copy);
    }

    @Override
    public synchronized DataVolume applyStatus(DataVolume seen, DataVolumeStatus owned) {
        if (nextWriteFails.isPresent()) {
            Trouble trouble = nextWriteFails.get();
            nextWriteFails = Optional.empty();
            throw trouble;
        }
        DataVolume next = asSeen(seen);
        next.setStatus(owned);
        written.add(owned);
        return store(next);
    }

    @Override
    public synchronized DataVolume patchMetadata(
            DataVolume seen, Map<String, String> annotations, List<String> finalizers) {
        DataVolume next = asSeen(seen);
        Map<String, String> all = new HashMap<>(
                Optional.ofNullable(next.getMetadata().getAnnotations()).orElse(Map.of()));
        all.putAll(annotations);
        next.getMetadata().setAnnotations(all);
        next.getMetadata().setFinalizers(new ArrayList<>(finalizers));
        return store(next);
    }

    @Override
    public void publish(HasMetadata regarding, EventNote note) {
        if (!events.contains(note)) {
            events.add(note);
        }
    }

    /** Somebody else writes to the object. */
    public synchronized void change(Consumer<DataVolume> change) {
        DataVolume next = copy(object.orElseThrow());
        change.accept(next);
        store(next);
    }

    public synchronized void remove() {
        object = Optional.empty();
    }

    public synchronized void failNextWrite(Trouble trouble) {
        nextWriteFails = Optional.of(trouble);
    }

    public synchronized DataVolume current() {
        return copy(object.orElseThrow());
    }

    public DataVolumeStatus status() {
        return current().getStatus();
    }

    public List<EventNote> events() {
        return events;
    }

    /** Every status that was written, in order. */
    public List<DataVolumeStatus> written() {
        return written;
    }

    private DataVolume asSeen(DataVolume seen) {
        DataVolume now = object.orElseThrow(() -> new Conflict("gone", null));
        if (!now.getMetadata().getResourceVersion().equals(seen.getMetadata().getResourceVersion())) {
            throw new Conflict("changed", null);
        }
        return copy(now);
    }

    private DataVolume store(DataVolume next) {
        long version = Long.parseLong(next.getMetadata().getResourceVersion()) + 1;
        next.getMetadata().setResourceVersion(Long.toString(version));
        object = Optional.of(next);
        return copy(next);
    }

    private static DataVolume copy(DataVolume from) {
        DataVolume copy = new DataVolume();
        copy.setMetadata(new ObjectMetaBuilder(from.getMetadata()).build());
        copy.setSpec(from.getSpec());
        copy.setStatus(from.getStatus());
        return copy;
    }
}
