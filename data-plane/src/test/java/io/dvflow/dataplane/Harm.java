package io.dvflow.dataplane;

import io.dvflow.transfer.FailureReason;
import java.nio.ByteBuffer;
import java.util.function.Consumer;

/**
 * What is done to a good image, and what must be said of it.
 *
 * @param act gets the image in the byte order of its format
 * @param says part of the message
 */
record Harm(String name, Consumer<ByteBuffer> act, FailureReason reason, String says) {

    static Harm hostile(String name, Consumer<ByteBuffer> act, String says) {
        return new Harm(name, act, FailureReason.HOSTILE_IMAGE, says);
    }

    static Harm corrupt(String name, Consumer<ByteBuffer> act, String says) {
        return new Harm(name, act, FailureReason.CORRUPT_IMAGE, says);
    }

    static Harm unsupported(String name, Consumer<ByteBuffer> act, String says) {
        return new Harm(name, act, FailureReason.UNSUPPORTED_FORMAT, says);
    }

    static Harm tooSmall(String name, Consumer<ByteBuffer> act, String says) {
        return new Harm(name, act, FailureReason.TOO_SMALL, says);
    }

    @Override
    public String toString() {
        return name;
    }
}
