package io.dvflow.bridge.operation;

import io.dvflow.bridge.engine.Message;
import java.util.List;

/** The one thing to do for an operation now. */
sealed interface Action {

    Action NOTHING = new Nothing();

    record Nothing() implements Action {}

    /** Put our finalizer and the workflow's ID on the object, before there is anything to clean up. */
    record Mark() implements Action {}

    /** @param source key of the source kind */
    record StartImport(String source) implements Action {}

    record Tell(List<Message> messages) implements Action {}

    record CancelImport(String reason) implements Action {}

    /** @param reason the sentence for people that becomes part of the outcome */
    record StartCleanUp(String reason) implements Action {}

    /** Take our finalizer away without cleaning up. */
    record Release() implements Action {}
}
