package io.dvflow.workflows;

import java.util.Optional;

/**
 * Workflow IDs, {@code <kind>/<namespace>/<name>/<uid>}: namespace and name first, so that
 * {@code WorkflowId STARTS_WITH 'import/vms/'} lists a namespace; the UID last, so that each incarnation is its own.
 */
public final class WorkflowIds {

    private static final String IMPORT = "import";
    private static final String IMPORT_INTO_CLAIM = "import-claim";
    private static final String CLEAN_UP = "clean-up";

    private WorkflowIds() {}

    public static String importOf(OperationRef ref) {
        return switch (ref.theKind()) {
            case DATA_VOLUME -> id(IMPORT, ref);
            case CLAIM -> id(IMPORT_INTO_CLAIM, ref);
        };
    }

    public static String cleanUpOf(OperationRef ref) {
        return id(CLEAN_UP, ref);
    }

    /** The object of an import, or empty when the ID is not one of an import. */
    public static Optional<OperationRef> importedObject(String workflowId) {
        var parts = workflowId.split("/");
        if (parts.length != 4) {
            return Optional.empty();
        }
        return switch (parts[0]) {
            case IMPORT -> Optional.of(new OperationRef(parts[1], parts[2], parts[3]));
            case IMPORT_INTO_CLAIM -> Optional.of(OperationRef.ofClaim(parts[1], parts[2], parts[3]));
            default -> Optional.empty();
        };
    }

    private static String id(String kind, OperationRef ref) {
        return String.join("/", kind, ref.namespace(), ref.name(), ref.uid());
    }
}
