package io.dvflow.bridge.engine;

import io.dvflow.workflows.Intent;

/** What a running import is told, as a workflow update whose ID makes telling it twice harmless. */
public sealed interface Message {

    String updateId();

    /** What the object's annotations ask. */
    record TellIntent(Intent intent) implements Message {
        @Override
        public String updateId() {
            return "intent-" + intent.observedVersion();
        }
    }

    /**
     * Somebody wants to use the claim.
     *
     * @param consumer what was seen, the same for the same consumer
     */
    record TellConsumer(String consumer) implements Message {
        @Override
        public String updateId() {
            return "consumer-" + consumer;
        }
    }

    /**
     * The checkpoints in the object's spec may have changed.
     *
     * @param generation of the object
     */
    record TellCheckpoints(long generation) implements Message {
        @Override
        public String updateId() {
            return "checkpoints-" + generation;
        }
    }
}
