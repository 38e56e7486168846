package io.dvflow.bridge.config;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.dvflow.api.Annotations;
import io.dvflow.api.v1beta1.CDI;
import io.dvflow.api.v1beta1.CDIConfig;
import io.dvflow.api.v1beta1.CDIConfigSpec;
import io.dvflow.api.v1beta1.CDIConfigStatus;
import io.dvflow.api.v1beta1.CDIStatus;
import io.dvflow.api.v1beta1.CdiApi;
import io.dvflow.bridge.apply.OwnFields;
import io.dvflow.bridge.queue.Next;
import io.dvflow.bridge.queue.Reconciler;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.net.HttpURLConnection;
import java.time.InstantSource;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the one CDIConfig and the CDI objects as they should be. Neither kind has a status sub-resource, so status is
 * applied to the object itself, and only the fields of status.
 */
final class ConfigReconciler implements Reconciler<String> {

    private static final Logger LOG = LoggerFactory.getLogger(ConfigReconciler.class);
    private static final PatchContext MERGE = PatchContext.of(PatchType.JSON_MERGE);
    private static final PatchContext JSON = PatchContext.of(PatchType.JSON);

    private final KubernetesClient client;
    private final Supplier<List<CDI>> installations;
    private final Supplier<Optional<CDIConfig>> config;
    private final Supplier<? extends Collection<String>> storageClasses;
    private final String version;
    private final InstantSource clock;

    ConfigReconciler(
            KubernetesClient client,
            Supplier<List<CDI>> installations,
            Supplier<Optional<CDIConfig>> config,
            Supplier<? extends Collection<String>> storageClasses,
            String version,
            InstantSource clock) {
        this.client = client;
        this.installations = installations;
        this.config = config;
        this.storageClasses = storageClasses;
        this.version = version;
        this.clock = clock;
    }

    /** Everything is looked at together, since each part depends on the others. */
    @Override
    public Next reconcile(String all) {
        try {
            List<CDI> found = installations.get();
            Optional<CDI> active = InstallationResolver.active(found);
            found.forEach(each -> bringUpToDate(each, active.orElseThrow()));
            bringUpToDate(config.get().orElseGet(this::createConfig), active);
            return Next.SETTLED;
        } catch (KubernetesClientException e) {
            if (e.getCode() != HttpURLConnection.HTTP_CONFLICT && e.getCode() != HttpURLConnection.HTTP_NOT_FOUND) {
                throw e;
            }
            LOG.debug("CDI or CDIConfig changed while they were looked at; their event brings them back", e);
            return Next.RETRY;
        }
    }

    private void bringUpToDate(CDI installation, CDI active) {
        Optional<CDIStatus> before = Optional.ofNullable(installation.getStatus());
        boolean counts =
                installation.getMetadata().getUid().equals(active.getMetadata().getUid());
        CDIStatus wanted = counts
                ? InstallationResolver.deployed(before, version, clock.instant())
                : InstallationResolver.surplus(before, active.getMetadata().getName(), clock.instant());
        if (!before.equals(Optional.of(wanted))) {
            applyStatus(installation, json(wanted));
        }
    }

    private void bringUpToDate(CDIConfig found, Optional<CDI> active) {
        CDIConfigSpec spec = Optional.ofNullable(found.getSpec()).orElse(ConfigResolver.NOTHING_SET);
        switch (ConfigAuthority.of(active, spec)) {
            case ConfigAuthority.None _ -> LOG.trace("CDIConfig stands for itself");
            case ConfigAuthority.ToBeTaken own -> takeAuthority(active.orElseThrow(), own.takeOver());
            case ConfigAuthority.Taken taken -> {
                if (!taken.settings().equals(spec)) {
                    replaceSpec(found, taken.settings());
                    spec = taken.settings();
                }
            }
        }
        Optional<CDIConfigStatus> before = Optional.ofNullable(found.getStatus());
        CDIConfigStatus wanted = ConfigResolver.statusOf(
                spec, storageClasses.get(), before.flatMap(each -> Optional.ofNullable(each.uploadProxyCA())));
        if (!before.equals(Optional.of(wanted))) {
            ObjectNode status = json(wanted);
            // The gateway's to write.
            status.remove("uploadProxyCA");
            applyStatus(found, status);
        }
    }

    private CDIConfig createConfig() {
        var config = new CDIConfig();
        config.setMetadata(new ObjectMetaBuilder()
                .withName(CdiApi.CONFIG_NAME)
                .withLabels(OwnFields.LABELS)
                .build());
        config.setSpec(ConfigResolver.NOTHING_SET);
        LOG.info("Creating CDIConfig {} with default settings", CdiApi.CONFIG_NAME);
        return client.resource(config).create();
    }

    private void takeAuthority(CDI installation, Optional<CDIConfigSpec> takeOver) {
        ObjectNode patch = JsonNodeFactory.instance.objectNode();
        patch.putObject("metadata").putObject("annotations").put(Annotations.CONFIG_AUTHORITY, "");
        takeOver.ifPresent(settings -> patch.putObject("spec").set("config", json(settings)));
        client.resource(installation).patch(MERGE, patch.toString());
    }

    /** The whole of it: what the authority does not set is not set. */
    private void replaceSpec(CDIConfig found, CDIConfigSpec settings) {
        var patch = JsonNodeFactory.instance.arrayNode();
        patch.addObject().put("op", "add").put("path", "/spec").set("value", json(settings));
        client.resource(found).patch(JSON, patch.toString());
    }

    private void applyStatus(HasMetadata object, JsonNode status) {
        ObjectNode patch = OwnFields.of(object);
        patch.set("status", status);
        client.resource(object).patch(OwnFields.APPLY, patch.toString());
    }

    private ObjectNode json(Object value) {
        return client.getKubernetesSerialization().convertValue(value, ObjectNode.class);
    }
}
