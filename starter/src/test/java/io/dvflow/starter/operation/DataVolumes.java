package io.dvflow.starter.operation;

import io.dvflow.api.ConditionTypes;
import io.dvflow.api.v1beta1.BlankSource;
import io.dvflow.api.v1beta1.DataVolume;
import io.dvflow.api.v1beta1.DataVolumeCheckpoint;
import io.dvflow.api.v1beta1.DataVolumeCondition;
import io.dvflow.api.v1beta1.DataVolumePhase;
import io.dvflow.api.v1beta1.DataVolumeSource;
import io.dvflow.api.v1beta1.DataVolumeSpec;
import io.dvflow.api.v1beta1.DataVolumeStatus;
import io.dvflow.api.v1beta1.HttpSource;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import java.util.ArrayList;
import java.util.List;

/** DataVolumes in all states, for tests. */
public final class DataVolumes {
    public static final String UID = "0b4c7a4e-1111-4222-8333-944455556666";
    public static final String CREATED = "2026-01-02T03:04:05Z";

    private final ObjectMetaBuilder metadata = new ObjectMetaBuilder()
            .withNamespace("vms")
            .withName("fedora")
            .withUid(UID)
            .withCreationTimestamp(CREATED);
    private final List<DataVolumeCondition> conditions = new ArrayList<>();
    private DataVolumeSource source = http("https://images.example/fedora.qcow2");
    private List<DataVolumeCheckpoint> checkpoints = List.of();
    private DataVolumePhase phase = DataVolumePhase.NEW;
    private String progress = "N/A";
    private int restarts;

    public static DataVolumes fedora() {
        return new DataVolumes();
    }

    public static DataVolumes in(DataVolumePhase phase) {
        return fedora().phase(phase);
    }

    public DataVolumes namespace(String namespace) {
        metadata.withNamespace(namespace);
        return this;
    }

    public DataVolumes name(String name) {
        metadata.withName(name);
        return this;
    }

    public DataVolumes phase(DataVolumePhase newPhase) {
        phase = newPhase;
        return this;
    }

    public DataVolumes progress(String newProgress) {
        progress = newProgress;
        return this;
    }

    public DataVolumes restarts(int number) {
        restarts = number;
        return this;
    }

    public DataVolumes blank() {
        source = DataVolumeSource.of(new BlankSource());
        return this;
    }

    public DataVolumes url(String url) {
        source = http(url);
        return this;
    }

    public DataVolumes checkpoint() {
        checkpoints = List.of(new DataVolumeCheckpoint("", "one"));
        return this;
    }

    public DataVolumes annotation(String key, String value) {
        metadata.addToAnnotations(key, value);
        return this;
    }

    public DataVolumes deleting() {
        metadata.withDeletionTimestamp("2026-01-02T04:00:00Z").addToFinalizers("dvflow.io/operation");
        return this;
    }

    public DataVolumes running(String status, String reason, String message) {
        return condition(ConditionTypes.RUNNING, status, reason, message);
    }

    public DataVolumes condition(String type, String status, String reason, String message) {
        conditions.add(new DataVolumeCondition(type, status, CREATED, CREATED, reason, message));
        return this;
    }

    public DataVolume build() {
        var dataVolume = new DataVolume();
        dataVolume.setMetadata(metadata.build());
        dataVolume.setSpec(new DataVolumeSpec(source, null, null, null, null, null, null, checkpoints, null, null));
        dataVolume.setStatus(
                new DataVolumeStatus("fedora-claim", phase.wireName(), progress, restarts, List.copyOf(conditions)));
        return dataVolume;
    }

    public Operation operation() {
        return Operation.of(build());
    }

    private static DataVolumeSource http(String url) {
        return DataVolumeSource.of(new HttpSource(url, null, null, List.of(), List.of(), null, null));
    }
}
