package io.dvflow.transfer;

import java.util.Map;
import java.util.Optional;

/**
 * A place in a stream from which reading can be taken up again, and what has to be known for it. Streams are stacked (a
 * response, a digest over it, a decompressor, a file in an archive), and so are their marks.
 *
 * @param position bytes of this stream that come before the place
 * @param state what this layer needs to go on, under names of its own: the state of a digest, the window of a decompressor
 * @param below the place in the layer beneath from which its bytes are needed; empty for the lowest
 */
public record Mark(long position, Map<String, String> state, Optional<Mark> below) {

    public Mark {
        if (position < 0) {
            throw new IllegalArgumentException("Mark at " + position + ", must not be negative");
        }
        state = state == null ? Map.of() : Map.copyOf(state);
        below = below == null ? Optional.empty() : below;
    }

    /** The place of a layer that can start at any byte. */
    public static Mark at(long position) {
        return new Mark(position, Map.of(), Optional.empty());
    }
}
