package io.dvflow.starter.operation;

/**
 * Command lines to suggest, ready to be pasted.
 *
 * @param command how this program was called
 */
public record Hints(String command) {
    public String to(String verb, Operation operation) {
        return "'" + command + " " + verb + " -n " + operation.namespace() + " " + operation.name() + "'";
    }

    /** Where no command of ours does it. */
    public String kubectl(String verb, Operation operation) {
        return "'kubectl " + verb + " -n " + operation.namespace() + " datavolume/" + operation.name() + "'";
    }

    /** A change of the object's annotations; {@code key-} removes one. */
    public String annotate(Operation operation, String annotation) {
        return "'kubectl annotate -n " + operation.namespace() + " datavolume/" + operation.name() + " " + annotation
                + "'";
    }
}
