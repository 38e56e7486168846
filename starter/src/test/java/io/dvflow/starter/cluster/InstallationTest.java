package io.dvflow.starter.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;

class InstallationTest {
    @Test
    void theLinkKeepsTheSlashesOfTheWorkflowIdOutOfThePath() {
        var installation = Installation.of(Map.of("webUi", "http://127.0.0.1:30080/", "temporalNamespace", "dvflow"));

        assertThat(installation.workflowPage("import/vms/fedora/1-2"))
                .contains("http://127.0.0.1:30080/namespaces/dvflow/workflows/import%2Fvms%2Ffedora%2F1-2");
    }

    @Test
    void withoutAnAddressThereIsNoLink() {
        assertThat(Installation.of(Map.of("webUi", " ")).workflowPage("import/a/b/c"))
                .isEmpty();
    }
}
