package io.dvflow.api.crd;

import io.dvflow.api.v1beta1.CDIConfigSpec;
import io.dvflow.api.v1beta1.CDISpec;
import io.dvflow.api.v1beta1.ComponentPatch;
import io.dvflow.api.v1beta1.FilesystemOverhead;
import io.dvflow.api.v1beta1.TlsSecurityProfile;
import io.fabric8.kubernetes.api.model.LocalObjectReference;
import java.util.Map;
import java.util.function.Consumer;

/** Rules on the CDI and CDIConfig. */
final class ConfigRules {
    private static final String FRACTION = "^(0(?:\\.\\d{1,3})?|1)$";

    private ConfigRules() {}

    static void addTo(Map<Class<?>, Consumer<Schema>> all) {
        all.put(CDISpec.class, ConfigRules::installation);
        all.put(CDIConfigSpec.class, config -> config.at("webhookPvcRendering").oneOf("Enabled", "Disabled"));
        all.put(FilesystemOverhead.class, ConfigRules::overhead);
        all.put(TlsSecurityProfile.class, ConfigRules::tls);
        all.put(ComponentPatch.class, ConfigRules::patch);
        all.put(LocalObjectReference.class, reference -> reference.at("name").defaultsTo(""));
    }

    private static void installation(Schema spec) {
        spec.at("imagePullPolicy").oneOf("Always", "IfNotPresent", "Never");
        spec.at("uninstallStrategy").oneOf("RemoveWorkloads", "BlockUninstallIfWorkloadsExist");
        spec.at("cloneStrategyOverride").oneOf(StorageProfileRules.CLONE_STRATEGIES);
    }

    private static void overhead(Schema overhead) {
        overhead.at("global").defaultsTo("0.06").pattern(FRACTION);
        overhead.at("storageClass")
                .props()
                .getAdditionalProperties()
                .getSchema()
                .setPattern(FRACTION);
    }

    private static void tls(Schema profile) {
        profile.at("type").oneOf("Old", "Intermediate", "Modern", "Custom");
        profile.at("custom.minTLSVersion").oneOf("VersionTLS10", "VersionTLS11", "VersionTLS12", "VersionTLS13");
    }

    private static void patch(Schema patch) {
        patch.required("patch", "resourceName", "resourceType", "type");
        patch.at("resourceName").minLength(1);
        patch.at("resourceType").minLength(1);
        patch.at("type").oneOf("json", "merge", "strategic");
    }
}
