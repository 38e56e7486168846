package io.dvflow.bridge.config;

import io.dvflow.api.v1beta1.CDIConfigSpec;
import io.dvflow.api.v1beta1.CDIConfigStatus;
import io.dvflow.api.v1beta1.FilesystemOverhead;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.ResourceRequirements;
import io.fabric8.kubernetes.api.model.ResourceRequirementsBuilder;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Pattern;

/** Works out the settings in effect: what is set, and CDI's defaults for the rest. Pure. */
final class ConfigResolver {

    private static final String DEFAULT_OVERHEAD = "0.06";

    /** A fraction of at most three digits; anything else counts as not set. */
    private static final Pattern OVERHEAD = Pattern.compile("0(?:\\.\\d{1,3})?|1");

    private static final Map<String, Quantity> DEFAULT_REQUESTS =
            Map.of("cpu", new Quantity("100m"), "memory", new Quantity("60M"));
    private static final Map<String, Quantity> DEFAULT_LIMITS =
            Map.of("cpu", new Quantity("750m"), "memory", new Quantity("600M"));

    static final CDIConfigSpec NOTHING_SET =
            new CDIConfigSpec(null, null, null, null, null, null, null, null, null, null, null, null, null);

    private ConfigResolver() {}

    /** @param uploadProxyCA written by the gateway, and carried over */
    static CDIConfigStatus statusOf(
            CDIConfigSpec spec, Collection<String> storageClasses, Optional<String> uploadProxyCA) {
        return new CDIConfigStatus(
                spec.uploadProxyURLOverride(),
                uploadProxyCA.orElse(null),
                spec.importProxy(),
                Optional.ofNullable(spec.scratchSpaceStorageClass())
                        .filter(storageClasses::contains)
                        .orElse(""),
                podResources(spec),
                overhead(spec, storageClasses),
                Boolean.TRUE.equals(spec.preallocation()),
                spec.imagePullSecrets());
    }

    private static ResourceRequirements podResources(CDIConfigSpec spec) {
        Optional<ResourceRequirements> set = Optional.ofNullable(spec.podResourceRequirements());
        return new ResourceRequirementsBuilder()
                .withRequests(overlay(DEFAULT_REQUESTS, set.map(ResourceRequirements::getRequests)))
                .withLimits(overlay(DEFAULT_LIMITS, set.map(ResourceRequirements::getLimits)))
                .build();
    }

    private static Map<String, Quantity> overlay(Map<String, Quantity> defaults, Optional<Map<String, Quantity>> set) {
        Map<String, Quantity> result = new HashMap<>(defaults);
        set.ifPresent(result::putAll);
        return result;
    }

    private static FilesystemOverhead overhead(CDIConfigSpec spec, Collection<String> storageClasses) {
        Optional<FilesystemOverhead> set = Optional.ofNullable(spec.filesystemOverhead());
        String global = set.map(FilesystemOverhead::global)
                .filter(ConfigResolver::isOverhead)
                .orElse(DEFAULT_OVERHEAD);
        Map<String, String> byClass = new TreeMap<>();
        for (String storageClass : storageClasses) {
            byClass.put(
                    storageClass,
                    set.map(overhead -> overhead.storageClass().get(storageClass))
                            .filter(ConfigResolver::isOverhead)
                            .orElse(global));
        }
        return new FilesystemOverhead(global, byClass);
    }

    private static boolean isOverhead(String text) {
        return OVERHEAD.matcher(text).matches();
    }
}
