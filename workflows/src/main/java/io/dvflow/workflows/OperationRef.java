package io.dvflow.workflows;

import java.util.Optional;

/**
 * The object that an operation is about, and all that a workflow is started with: activities read the specification from
 * the API server and check the UID, so whoever can reach Temporal cannot make the worker act on a made-up one.
 *
 * @param namespace namespace of the object
 * @param name name of the object
 * @param uid its UID; an object re-created under the same name is another operation
 * @param kind what it is, unless it is a DataVolume, which goes without saying
 */
public record OperationRef(String namespace, String name, String uid, Optional<Kind> kind) {

    /** Kinds of objects that ask for operations. */
    public enum Kind {
        DATA_VOLUME("DataVolume"),
        /** A claim whose annotations ask for an import into it. */
        CLAIM("claim");

        private final String word;

        Kind(String word) {
            this.word = word;
        }

        /** As in a sentence: {@code The claim is gone}. */
        public String word() {
            return word;
        }
    }

    public OperationRef {
        kind = kind == null ? Optional.empty() : kind.filter(any -> any != Kind.DATA_VOLUME);
    }

    /** Of a DataVolume. */
    public OperationRef(String namespace, String name, String uid) {
        this(namespace, name, uid, Optional.empty());
    }

    /** Of a claim that asks for an import itself. */
    public static OperationRef ofClaim(String namespace, String name, String uid) {
        return new OperationRef(namespace, name, uid, Optional.of(Kind.CLAIM));
    }

    public Kind theKind() {
        return kind.orElse(Kind.DATA_VOLUME);
    }

    @Override
    public String toString() {
        return namespace + "/" + name + " (uid " + uid + ")";
    }
}
