package io.dvflow.bridge.operation;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.dvflow.api.ConditionTypes;
import io.dvflow.api.v1beta1.DataVolumeCondition;
import io.dvflow.bridge.apply.OwnFields;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Objects;

/**
 * The bridge's conditions as a server-side apply: always the whole set it owns, so that one left out goes away, and
 * none of the conditions that the workflow owns.
 */
final class ConditionPatch {

    private ConditionPatch() {}

    /** @param before the conditions that stand on the object: the time of a transition stays while there is none */
    static String json(
            Subject.Present object, BridgeConditions conditions, List<DataVolumeCondition> before, Instant now) {
        ObjectNode root = OwnFields.of("DataVolume", object.ref().name());
        OwnFields.metadata(root)
                .put("namespace", object.ref().namespace())
                .put("uid", object.ref().uid());
        root.putObject("status").set("conditions", list(conditions, before, now));
        return root.toString();
    }

    /** The conditions alone; parameters as above. */
    static ArrayNode list(BridgeConditions conditions, List<DataVolumeCondition> before, Instant now) {
        ArrayNode list = JsonNodeFactory.instance.arrayNode();
        conditions
                .engine()
                .ifPresent(why -> list.add(isFalse(ConditionTypes.WORKFLOW_ENGINE_AVAILABLE, why, before, now)));
        conditions.support().ifPresent(why -> list.add(isFalse(ConditionTypes.OPERATION_SUPPORTED, why, before, now)));
        return list;
    }

    private static ObjectNode isFalse(
            String type, BridgeConditions.Complaint why, List<DataVolumeCondition> before, Instant now) {
        String time = now.truncatedTo(ChronoUnit.SECONDS).toString();
        String transition = before.stream()
                .filter(condition -> condition.type().equals(type) && "False".equals(condition.status()))
                .map(DataVolumeCondition::lastTransitionTime)
                .filter(Objects::nonNull)
                .findFirst()
                .orElse(time);
        return JsonNodeFactory.instance
                .objectNode()
                .put("type", type)
                .put("status", "False")
                .put("reason", why.reason())
                .put("message", why.message())
                .put("lastTransitionTime", transition)
                .put("lastHeartbeatTime", time);
    }
}
