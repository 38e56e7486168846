package io.dvflow.bridge.operation;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.dvflow.api.DvflowAnnotations;
import io.dvflow.api.Finalizers;
import io.dvflow.workflows.WorkflowIds;
import java.util.LinkedHashSet;
import java.util.Set;

/** Merge patches of an object's metadata, whatever its kind, that only hit the object as it was observed. Pure. */
final class MetadataPatch {

    private MetadataPatch() {}

    /** The object belongs to an operation from now on. */
    static String marking(Subject.Present object) {
        Set<String> finalizers = new LinkedHashSet<>(object.finalizers());
        finalizers.add(Finalizers.OPERATION);
        ObjectNode patch = withFinalizers(object, finalizers);
        annotations(patch).put(DvflowAnnotations.WORKFLOW_ID, WorkflowIds.importOf(object.ref()));
        return patch.toString();
    }

    /** Nothing keeps the object any more. */
    static String releasing(Subject.Present object) {
        Set<String> finalizers = new LinkedHashSet<>(object.finalizers());
        finalizers.remove(Finalizers.OPERATION);
        return withFinalizers(object, finalizers).toString();
    }

    static ObjectNode asObserved(Subject.Present object) {
        ObjectNode patch = JsonNodeFactory.instance.objectNode();
        patch.putObject("metadata").put("uid", object.ref().uid()).put("resourceVersion", object.version());
        return patch;
    }

    static ObjectNode annotations(ObjectNode patch) {
        return ((ObjectNode) patch.get("metadata")).withObjectProperty("annotations");
    }

    /** A merge patch replaces the whole list of finalizers, so it must only hit the object whose list was read. */
    private static ObjectNode withFinalizers(Subject.Present object, Set<String> finalizers) {
        ObjectNode patch = asObserved(object);
        var list = ((ObjectNode) patch.get("metadata")).putArray("finalizers");
        finalizers.forEach(list::add);
        return patch;
    }
}
