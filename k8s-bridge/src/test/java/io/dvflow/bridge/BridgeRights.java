package io.dvflow.bridge;

import com.fasterxml.jackson.core.type.TypeReference;
import io.dvflow.testbed.kubeapi.KubeApi;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.rbac.ClusterRoleBindingBuilder;
import io.fabric8.kubernetes.api.model.rbac.ClusterRoleBuilder;
import io.fabric8.kubernetes.api.model.rbac.PolicyRule;
import io.fabric8.kubernetes.api.model.rbac.RoleBindingBuilder;
import io.fabric8.kubernetes.api.model.rbac.RoleBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;

/** A client with the rights that the chart gives to the bridge, and no others. */
public final class BridgeRights {

    private static final Path CHART = Path.of("../helm/dvflow/templates/bridge/rbac.yaml");
    private static final String USER = "bridge-under-test";
    private static final PatchContext APPLY = new PatchContext.Builder()
            .withPatchType(PatchType.SERVER_SIDE_APPLY)
            .withFieldManager("dvflow-test")
            .build();

    private BridgeRights() {}

    /** @param ownNamespace where the bridge is installed, and its lease is */
    public static KubernetesClient clientOf(KubeApi api, String ownNamespace) {
        apply(
                api,
                new ClusterRoleBuilder()
                        .withNewMetadata()
                        .withName(USER)
                        .endMetadata()
                        .withRules(rules("dvflow.bridgeRules"))
                        .build());
        apply(
                api,
                new ClusterRoleBindingBuilder()
                        .withNewMetadata()
                        .withName(USER)
                        .endMetadata()
                        .withNewRoleRef("rbac.authorization.k8s.io", "ClusterRole", USER)
                        .addNewSubject("rbac.authorization.k8s.io", "User", USER, null)
                        .build());
        apply(
                api,
                new RoleBuilder()
                        .withNewMetadata()
                        .withName(USER)
                        .withNamespace(ownNamespace)
                        .endMetadata()
                        .withRules(rules("dvflow.bridgeOwnRules"))
                        .build());
        apply(
                api,
                new RoleBindingBuilder()
                        .withNewMetadata()
                        .withName(USER)
                        .withNamespace(ownNamespace)
                        .endMetadata()
                        .withNewRoleRef("rbac.authorization.k8s.io", "Role", USER)
                        .addNewSubject("rbac.authorization.k8s.io", "User", USER, null)
                        .build());
        return api.clientAs(USER, "system:authenticated");
    }

    private static void apply(KubeApi api, HasMetadata object) {
        api.client().resource(object).patch(APPLY);
    }

    private static List<PolicyRule> rules(String definition) {
        try {
            var block = Pattern.compile(
                            "define \"" + Pattern.quote(definition) + "\" }}(.*?)\\{\\{- end", Pattern.DOTALL)
                    .matcher(Files.readString(CHART));
            if (!block.find()) {
                throw new IllegalStateException("No definition of " + definition + " in " + CHART);
            }
            return Serialization.unmarshal(block.group(1), new TypeReference<List<PolicyRule>>() {});
        } catch (IOException e) {
            throw new UncheckedIOException("Reading the bridge's rights from " + CHART, e);
        }
    }
}
