package io.dvflow.bridge.config;

import io.dvflow.api.Annotations;
import io.dvflow.api.v1beta1.CDI;
import io.dvflow.api.v1beta1.CDIConfigSpec;
import java.util.Map;
import java.util.Optional;

/**
 * Whose word on the settings counts: that of the CDI object, as soon as it is annotated as the authority. The first
 * time round it takes over what stands in CDIConfig, so that nothing set before is lost. Pure.
 */
sealed interface ConfigAuthority {

    /** There is no CDI object: CDIConfig stands for itself. */
    record None() implements ConfigAuthority {}

    /** @param takeOver settings to put into the CDI object along with the annotation; empty: it has its own */
    record ToBeTaken(Optional<CDIConfigSpec> takeOver) implements ConfigAuthority {}

    /** @param settings what CDIConfig has to say */
    record Taken(CDIConfigSpec settings) implements ConfigAuthority {}

    static ConfigAuthority of(Optional<CDI> active, CDIConfigSpec current) {
        return active.map(cdi -> of(cdi, current)).orElse(new None());
    }

    private static ConfigAuthority of(CDI cdi, CDIConfigSpec current) {
        Optional<CDIConfigSpec> own =
                Optional.ofNullable(cdi.getSpec()).flatMap(spec -> Optional.ofNullable(spec.config()));
        Map<String, String> annotations = cdi.getMetadata().getAnnotations();
        if (annotations != null && annotations.containsKey(Annotations.CONFIG_AUTHORITY)) {
            return new Taken(own.orElse(ConfigResolver.NOTHING_SET));
        }
        boolean nothingToLose = own.isPresent() || current.equals(ConfigResolver.NOTHING_SET);
        return new ToBeTaken(nothingToLose ? Optional.empty() : Optional.of(current));
    }
}
