package io.dvflow.bridge.profile;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.dvflow.api.v1beta1.StorageProfile;
import io.dvflow.api.v1beta1.StorageProfileStatus;
import io.dvflow.bridge.apply.OwnFields;
import io.dvflow.bridge.queue.Next;
import io.dvflow.bridge.queue.Reconciler;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.storage.StorageClass;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.net.HttpURLConnection;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Keeps the StorageProfile of each storage class as it should be. Keys are names of storage classes. */
final class ProfileReconciler implements Reconciler<String> {

    private static final Logger LOG = LoggerFactory.getLogger(ProfileReconciler.class);
    private static final PatchContext MERGE = PatchContext.of(PatchType.JSON_MERGE);

    private final KubernetesClient client;
    private final StorageView storage;
    private final ProfileResolver resolver;
    private final ProfileMetrics metrics;
    private final InstantSource clock;

    ProfileReconciler(
            KubernetesClient client,
            StorageView storage,
            ProfileResolver resolver,
            ProfileMetrics metrics,
            InstantSource clock) {
        this.client = client;
        this.storage = storage;
        this.resolver = resolver;
        this.metrics = metrics;
        this.clock = clock;
    }

    @Override
    public Next reconcile(String name) {
        Optional<StorageProfile> profile = storage.profile(name);
        Optional<StorageClass> storageClass =
                storage.storageClass(name).filter(found -> found.getMetadata().getDeletionTimestamp() == null);
        try {
            if (storageClass.isPresent()) {
                bringUpToDate(storageClass.get(), profile);
            } else {
                metrics.forget(name);
                profile.ifPresent(this::delete);
            }
            return Next.SETTLED;
        } catch (InvalidProfileException e) {
            LOG.warn("{}; its status stays as it is until its spec is changed", e.getMessage());
            return Next.SETTLED;
        } catch (KubernetesClientException e) {
            if (e.getCode() != HttpURLConnection.HTTP_CONFLICT) {
                throw e;
            }
            LOG.debug("StorageProfile {} changed while it was looked at; its event brings it back", name);
            return Next.RETRY;
        }
    }

    private void bringUpToDate(StorageClass storageClass, Optional<StorageProfile> found) {
        String name = storageClass.getMetadata().getName();
        StorageProfile profile = found.orElseGet(() -> create(name));
        ProfileFacts facts = storage.facts(storageClass, profile);
        ResolvedProfile wanted = resolver.resolve(facts, clock.instant());
        if (!wanted.annotations().isEmpty()) {
            annotate(profile, wanted.annotations());
        }
        if (!wanted.status().equals(profile.getStatus())) {
            writeStatus(profile, wanted.status());
        }
        metrics.record(storageClass, wanted);
    }

    private StorageProfile create(String name) {
        var profile = new StorageProfile();
        profile.setMetadata(new ObjectMetaBuilder()
                .withName(name)
                .withLabels(OwnFields.LABELS)
                .build());
        profile.setSpec(ProfileFacts.NOTHING_OVERRIDDEN);
        LOG.info("Creating StorageProfile {} for the storage class of that name", name);
        return client.resource(profile).create();
    }

    private void annotate(StorageProfile profile, Map<String, Optional<String>> annotations) {
        ObjectNode patch = JsonNodeFactory.instance.objectNode();
        ObjectNode list = patch.putObject("metadata").putObject("annotations");
        annotations.forEach((key, value) -> list.put(key, value.orElse(null)));
        client.resource(profile).patch(MERGE, patch.toString());
    }

    private void writeStatus(StorageProfile profile, StorageProfileStatus status) {
        ObjectNode patch = OwnFields.of(profile);
        patch.set("status", client.getKubernetesSerialization().convertValue(status, ObjectNode.class));
        client.resource(profile).subresource("status").patch(OwnFields.APPLY, patch.toString());
    }

    private void delete(StorageProfile profile) {
        LOG.info(
                "Deleting StorageProfile {}: its storage class is gone",
                profile.getMetadata().getName());
        client.resource(profile).delete();
    }
}
