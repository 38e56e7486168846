package io.dvflow.workflows;

/**
 * The object that an operation is about, and all that a workflow is started with: activities read the specification from
 * the API server and check the UID, so whoever can reach Temporal cannot make the worker act on a made-up one.
 *
 * @param namespace namespace of the object
 * @param name name of the object
 * @param uid its UID; an object re-created under the same name is another operation
 */
public record OperationRef(String namespace, String name, String uid) {

    @Override
    public String toString() {
        return namespace + "/" + name + " (uid " + uid + ")";
    }
}
