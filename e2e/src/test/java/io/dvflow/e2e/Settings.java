package io.dvflow.e2e;

import io.dvflow.api.v1beta1.CDI;
import io.dvflow.api.v1beta1.CDIConfig;
import io.dvflow.api.v1beta1.CDIConfigStatus;
import io.dvflow.api.v1beta1.CDISpec;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.util.function.Predicate;

/** What an administrator has changed on the CDI object for a while; put back when closed. */
final class Settings implements AutoCloseable {

    private final KubernetesClient kubernetes = TestCluster.get().kubernetes();
    private final Resource<CDI> cdi = kubernetes.resources(CDI.class).withName("cdi");
    private final CDISpec before = cdi.get().getSpec();

    /**
     * @param merge JSON that is merged into the spec of CDI
     * @param inEffect what the status of the CDIConfig shows then
     */
    Settings(String merge, Predicate<CDIConfigStatus> inEffect) {
        cdi.patch(PatchContext.of(PatchType.JSON_MERGE), "{\"spec\":" + merge + "}");
        TestWaits.until("the settings are in effect", () -> inEffect.test(status()));
    }

    private CDIConfigStatus status() {
        return kubernetes.resources(CDIConfig.class).withName("config").get().getStatus();
    }

    @Override
    public void close() {
        String whole = kubernetes.getKubernetesSerialization().asJson(before);
        cdi.patch(PatchContext.of(PatchType.JSON), "[{\"op\":\"replace\",\"path\":\"/spec\",\"value\":" + whole + "}]");
    }
}
