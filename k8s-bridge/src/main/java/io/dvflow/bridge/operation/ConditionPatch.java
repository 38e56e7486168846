package io.dvflow.bridge.operation;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.dvflow.api.ConditionTypes;
import io.dvflow.bridge.apply.OwnFields;
import java.time.Instant;
import java.time.temporal.ChronoUnit;

/**
 * The bridge's conditions as a server-side apply: always the whole set it owns, so that one left out goes away, and none
 * of the conditions that the workflow owns.
 */
final class ConditionPatch {

    private ConditionPatch() {}

    static String json(Subject.Present object, BridgeConditions conditions, Instant now) {
        ObjectNode root = OwnFields.of("DataVolume", object.ref().name());
        OwnFields.metadata(root)
                .put("namespace", object.ref().namespace())
                .put("uid", object.ref().uid());
        ArrayNode list = root.putObject("status").putArray("conditions");
        conditions.engine().ifPresent(why -> list.add(isFalse(ConditionTypes.WORKFLOW_ENGINE_AVAILABLE, why, now)));
        conditions.support().ifPresent(why -> list.add(isFalse(ConditionTypes.OPERATION_SUPPORTED, why, now)));
        return root.toString();
    }

    private static ObjectNode isFalse(String type, BridgeConditions.Complaint why, Instant now) {
        String time = now.truncatedTo(ChronoUnit.SECONDS).toString();
        return JsonNodeFactory.instance
                .objectNode()
                .put("type", type)
                .put("status", "False")
                .put("reason", why.reason())
                .put("message", why.message())
                .put("lastTransitionTime", time)
                .put("lastHeartbeatTime", time);
    }
}
