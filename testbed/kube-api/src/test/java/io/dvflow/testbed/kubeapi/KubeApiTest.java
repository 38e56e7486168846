package io.dvflow.testbed.kubeapi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(KubeApiExtension.class)
class KubeApiTest {
    @Test
    void administratorAndKubectlReachTheSameServer(KubeApi api) {
        assertThat(api.client().namespaces().withName("default").get()).isNotNull();
        assertThat(api.kubectl("get", "namespace", "default", "-o", "name")).contains("namespace/default");
    }

    @Test
    void othersHaveNoMoreRightsThanRbacGives(KubeApi api) {
        try (KubernetesClient alice = api.clientAs("alice")) {
            assertThatThrownBy(() -> alice.secrets().inNamespace("default").list())
                    .isInstanceOf(KubernetesClientException.class)
                    .hasMessageContaining("forbidden");
        }
    }
}
