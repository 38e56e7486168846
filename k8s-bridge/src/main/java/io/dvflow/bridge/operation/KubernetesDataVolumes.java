package io.dvflow.bridge.operation;

import io.dvflow.api.v1beta1.DataVolume;
import io.dvflow.api.v1beta1.DataVolumeCondition;
import io.dvflow.api.v1beta1.DataVolumeStatus;
import io.dvflow.bridge.apply.OwnFields;
import io.dvflow.workflows.OperationRef;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.informers.cache.Cache;
import io.fabric8.kubernetes.client.informers.cache.Store;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;

/** DataVolumes in a real API server: read from informers, written by narrow patches. */
final class KubernetesDataVolumes implements DataVolumeStore {

    private static final PatchContext MERGE = PatchContext.of(PatchType.JSON_MERGE);

    private final KubernetesClient client;
    private final Store<DataVolume> dataVolumes;
    private final Store<PersistentVolumeClaim> claims;
    private final InstantSource clock;

    KubernetesDataVolumes(
            KubernetesClient client,
            Store<DataVolume> dataVolumes,
            Store<PersistentVolumeClaim> claims,
            InstantSource clock) {
        this.client = client;
        this.dataVolumes = dataVolumes;
        this.claims = claims;
        this.clock = clock;
    }

    @Override
    public Optional<DataVolume> cached(OperationRef ref) {
        return Optional.ofNullable(dataVolumes.getByKey(Cache.namespaceKeyFunc(ref.namespace(), ref.name())));
    }

    @Override
    public Optional<DataVolume> live(OperationRef ref) {
        return Optional.ofNullable(resource(ref).get());
    }

    @Override
    public Optional<PersistentVolumeClaim> claimOf(OperationRef ref) {
        // The target claim has the DataVolume's name.
        return Optional.ofNullable(claims.getByKey(Cache.namespaceKeyFunc(ref.namespace(), ref.name())))
                .filter(claim -> OwnedClaims.ownerOf(claim).equals(Optional.of(ref)));
    }

    @Override
    public void mark(Subject.Present object) {
        resource(object.ref()).patch(MERGE, MetadataPatch.marking(object));
    }

    @Override
    public void release(Subject.Present object) {
        resource(object.ref()).patch(MERGE, MetadataPatch.releasing(object));
    }

    @Override
    public void writeConditions(Subject.Present object, BridgeConditions conditions) {
        List<DataVolumeCondition> before = cached(object.ref())
                .flatMap(found -> Optional.ofNullable(found.getStatus()))
                .map(DataVolumeStatus::conditions)
                .orElse(List.of());
        resource(object.ref())
                .subresource("status")
                .patch(OwnFields.APPLY, ConditionPatch.json(object, conditions, before, clock.instant()));
    }

    /** Named by an object, not by its name: a patch of the latter reads the object first. */
    private Resource<DataVolume> resource(OperationRef ref) {
        var named = new DataVolume();
        named.setMetadata(new ObjectMetaBuilder()
                .withNamespace(ref.namespace())
                .withName(ref.name())
                .build());
        return client.resource(named);
    }
}
