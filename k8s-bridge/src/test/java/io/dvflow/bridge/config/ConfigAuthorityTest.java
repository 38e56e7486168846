package io.dvflow.bridge.config;

import static org.assertj.core.api.Assertions.assertThat;

import io.dvflow.api.Annotations;
import io.dvflow.api.v1beta1.CDI;
import io.dvflow.api.v1beta1.CDIConfigSpec;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ConfigAuthorityTest {

    private static final CDIConfigSpec NOTHING = ConfigResolver.NOTHING_SET;
    private static final CDIConfigSpec FIVE =
            Serialization.unmarshal("filesystemOverhead: {global: \"0.05\"}", CDIConfigSpec.class);

    @Test
    void withoutACdiObjectCdiConfigStandsForItself() {
        assertThat(ConfigAuthority.of(Optional.empty(), FIVE)).isEqualTo(new ConfigAuthority.None());
    }

    @Test
    void anObjectWithoutSettingsTakesOverThoseThatStand() {
        assertThat(authority("spec: {}", FIVE)).isEqualTo(new ConfigAuthority.ToBeTaken(Optional.of(FIVE)));
        assertThat(authority("spec: {}", NOTHING)).isEqualTo(new ConfigAuthority.ToBeTaken(Optional.empty()));
    }

    @Test
    void anObjectWithSettingsKeepsItsOwn() {
        assertThat(authority("spec: {config: {preallocation: true}}", FIVE))
                .isEqualTo(new ConfigAuthority.ToBeTaken(Optional.empty()));
    }

    @Test
    void onceItIsTheAuthorityItsWordCountsEvenIfItSaysNothing() {
        assertThat(authority("metadata: {annotations: {%s: \"\"}}".formatted(Annotations.CONFIG_AUTHORITY), FIVE))
                .isEqualTo(new ConfigAuthority.Taken(NOTHING));
    }

    @Test
    void theOldestCdiObjectCounts() {
        var old = cdi("metadata: {name: b, creationTimestamp: \"2026-01-01T00:00:00Z\"}");
        var young = cdi("metadata: {name: a, creationTimestamp: \"2026-01-02T00:00:00Z\"}");
        var twin = cdi("metadata: {name: c, creationTimestamp: \"2026-01-01T00:00:00Z\"}");

        assertThat(InstallationResolver.active(List.of(young, twin, old))).contains(old);
        assertThat(InstallationResolver.active(List.of())).isEmpty();
    }

    private static ConfigAuthority authority(String yaml, CDIConfigSpec current) {
        return ConfigAuthority.of(Optional.of(cdi(yaml)), current);
    }

    private static CDI cdi(String yaml) {
        return Serialization.unmarshal("apiVersion: cdi.kubevirt.io/v1beta1\nkind: CDI\n" + yaml, CDI.class);
    }
}
