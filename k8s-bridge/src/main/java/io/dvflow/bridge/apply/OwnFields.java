package io.dvflow.bridge.apply;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.dvflow.api.Labels;
import io.dvflow.api.v1beta1.CdiApi;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.util.Map;

/**
 * The shape of server-side applies of the bridge: each names exactly the fields that the bridge owns, so that one left
 * out goes away and nobody else's is touched.
 */
public final class OwnFields {

    public static final PatchContext APPLY = new PatchContext.Builder()
            .withPatchType(PatchType.SERVER_SIDE_APPLY)
            .withFieldManager("dvflow-bridge")
            .withForce(true)
            .build();

    /** The labels of every object that dvflow makes. */
    public static final Map<String, String> LABELS = Map.of(
            Labels.APP, Labels.APP_VALUE,
            Labels.COMPONENT, Labels.COMPONENT_STORAGE,
            Labels.MANAGED_BY, Labels.MANAGED_BY_VALUE);

    private OwnFields() {}

    /** An object to fill and apply. */
    public static ObjectNode of(String kind, String name) {
        ObjectNode root = JsonNodeFactory.instance.objectNode();
        root.put("apiVersion", CdiApi.API_VERSION).put("kind", kind);
        root.putObject("metadata").put("name", name);
        return root;
    }

    /** As {@link #of(String, String)}; with the UID, an object made anew under the name is refused, not written to. */
    public static ObjectNode of(HasMetadata observed) {
        ObjectNode root = of(observed.getKind(), observed.getMetadata().getName());
        metadata(root).put("uid", observed.getMetadata().getUid());
        return root;
    }

    public static ObjectNode metadata(ObjectNode root) {
        return (ObjectNode) root.get("metadata");
    }
}
