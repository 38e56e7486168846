package io.dvflow.bridge.operation;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.dvflow.api.DvflowAnnotations;
import io.dvflow.api.claim.AnnotatedClaim;
import io.dvflow.api.claim.ClaimRequest;
import io.dvflow.api.v1beta1.DataVolume;
import io.dvflow.workflows.OperationRef;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaimBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.informers.cache.Cache;
import io.fabric8.kubernetes.client.informers.cache.Store;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;

/** Claims that ask for an import themselves; what a DataVolume shows in its status, they show in annotations. */
final class AnnotatedClaims implements DataVolumeStore {

    private static final PatchContext MERGE = PatchContext.of(PatchType.JSON_MERGE);

    private final KubernetesClient client;
    private final Store<PersistentVolumeClaim> claims;
    private final InstantSource clock;

    AnnotatedClaims(KubernetesClient client, Store<PersistentVolumeClaim> claims, InstantSource clock) {
        this.client = client;
        this.claims = claims;
        this.clock = clock;
    }

    /** The claim as an operation's object, if it is one. */
    static Optional<DataVolume> seen(PersistentVolumeClaim claim) {
        return Optional.of(claim).filter(ClaimRequest::isOn).map(AnnotatedClaim::of);
    }

    /** All of them, as the watch last told. */
    List<DataVolume> all() {
        return claims.list().stream()
                .map(AnnotatedClaims::seen)
                .flatMap(Optional::stream)
                .toList();
    }

    @Override
    public Optional<DataVolume> cached(OperationRef ref) {
        return claimOf(ref).flatMap(AnnotatedClaims::seen);
    }

    @Override
    public Optional<DataVolume> live(OperationRef ref) {
        return Optional.ofNullable(client.persistentVolumeClaims()
                        .inNamespace(ref.namespace())
                        .withName(ref.name())
                        .get())
                .flatMap(AnnotatedClaims::seen);
    }

    @Override
    public Optional<PersistentVolumeClaim> claimOf(OperationRef ref) {
        return Optional.ofNullable(claims.getByKey(Cache.namespaceKeyFunc(ref.namespace(), ref.name())));
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
        var before = cached(object.ref())
                .map(DataVolume::getStatus)
                .map(status -> status.conditions())
                .orElse(List.of());
        ObjectNode patch = MetadataPatch.asObserved(object);
        if (conditions.equals(BridgeConditions.NONE)) {
            MetadataPatch.annotations(patch).putNull(DvflowAnnotations.BRIDGE_CONDITIONS);
        } else {
            MetadataPatch.annotations(patch)
                    .put(
                            DvflowAnnotations.BRIDGE_CONDITIONS,
                            ConditionPatch.list(conditions, before, clock.instant())
                                    .toString());
        }
        resource(object.ref()).patch(MERGE, patch.toString());
    }

    /** Named by an object, not by its name: a patch of the latter reads the object first. */
    private Resource<PersistentVolumeClaim> resource(OperationRef ref) {
        return client.resource(new PersistentVolumeClaimBuilder()
                .withNewMetadata()
                .withNamespace(ref.namespace())
                .withName(ref.name())
                .endMetadata()
                .build());
    }
}
