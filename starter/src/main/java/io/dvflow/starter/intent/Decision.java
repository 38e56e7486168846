package io.dvflow.starter.intent;

import io.dvflow.starter.operation.Operation;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;

/** What to do about a request, given the state of the object. */
sealed interface Decision {
    /** The state does not allow it; the message says which state that is and what can be done instead. */
    record Refuse(String message) implements Decision {}

    /** It is so already. */
    record AlreadySo(String message) implements Decision {}

    /**
     * Write it down on the object.
     *
     * @param annotations values to set; without a value, to remove
     * @param effect what will happen, as the end of the sentence that starts with the object
     * @param visible whether the status shows that it has happened
     */
    record Write(Map<String, Optional<String>> annotations, String effect, Predicate<Operation> visible)
            implements Decision {}
}
