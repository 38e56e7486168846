package io.dvflow.bridge.config;

import static org.assertj.core.api.Assertions.assertThat;

import io.dvflow.api.v1beta1.CDIConfigSpec;
import io.dvflow.api.v1beta1.CDIConfigStatus;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ConfigResolverTest {

    private static final List<String> CLASSES = List.of("fast", "slow");

    @Test
    void nothingSetMeansTheDefaultsOfCdi() {
        CDIConfigStatus status = status("uploadProxyURLOverride: null");

        assertThat(status.filesystemOverhead().global()).isEqualTo("0.06");
        assertThat(status.filesystemOverhead().storageClass()).isEqualTo(Map.of("fast", "0.06", "slow", "0.06"));
        assertThat(status.scratchSpaceStorageClass()).isEmpty();
        assertThat(status.preallocation()).isFalse();
        assertThat(status.importProxy()).isNull();
        assertThat(status.uploadProxyURL()).isNull();
        var resources = status.defaultPodResourceRequirements();
        assertThat(resources.getRequests())
                .isEqualTo(Map.of("cpu", new Quantity("100m"), "memory", new Quantity("60M")));
        assertThat(resources.getLimits())
                .isEqualTo(Map.of("cpu", new Quantity("750m"), "memory", new Quantity("600M")));
    }

    @Test
    void whatIsSetGoesBeforeTheDefaultsPieceByPiece() {
        CDIConfigStatus status = status("""
                uploadProxyURLOverride: https://upload
                preallocation: true
                scratchSpaceStorageClass: slow
                podResourceRequirements: {limits: {memory: 2Gi}}
                filesystemOverhead: {global: "0.1", storageClass: {fast: "0.02", gone: "0.5"}}
                importProxy: {HTTPProxy: "http://proxy", noProxy: local}
                imagePullSecrets: [{name: pull}]
                """);

        assertThat(status.uploadProxyURL()).isEqualTo("https://upload");
        assertThat(status.preallocation()).isTrue();
        assertThat(status.scratchSpaceStorageClass()).isEqualTo("slow");
        assertThat(status.defaultPodResourceRequirements().getLimits())
                .isEqualTo(Map.of("cpu", new Quantity("750m"), "memory", new Quantity("2Gi")));
        assertThat(status.filesystemOverhead().storageClass()).isEqualTo(Map.of("fast", "0.02", "slow", "0.1"));
        assertThat(status.importProxy().HTTPProxy()).isEqualTo("http://proxy");
        assertThat(status.imagePullSecrets()).hasSize(1);
    }

    @Test
    void aScratchClassThatIsNotThereIsNotUsed() {
        assertThat(status("scratchSpaceStorageClass: gone").scratchSpaceStorageClass())
                .isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"0, 0", "1, 1", "0.1, 0.1", "0.055, 0.055", "0.0555, 0.06", "1.0, 0.06", "-0.1, 0.06", "six, 0.06"})
    void anOverheadThatIsNoneCountsAsNotSet(String set, String effective) {
        assertThat(status("filesystemOverhead: {global: \"%s\"}".formatted(set))
                        .filesystemOverhead()
                        .global())
                .isEqualTo(effective);
    }

    private static CDIConfigStatus status(String spec) {
        return ConfigResolver.statusOf(Serialization.unmarshal(spec, CDIConfigSpec.class), CLASSES, Optional.empty());
    }
}
