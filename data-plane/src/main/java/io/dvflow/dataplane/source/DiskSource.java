package io.dvflow.dataplane.source;

import io.dvflow.dataplane.image.DiskImage;
import io.dvflow.transfer.VddkInfo;
import java.util.Optional;

/**
 * A source that is a disk, not a file with one in it: its server says what lies where. Nothing in its bytes is ever taken
 * for a format, as whoever ran on that disk may have written there what they liked.
 */
public interface DiskSource extends ImageSource {

    DiskImage image();

    /** What reads it on behalf of this source, if that is VMware's library and has introduced itself. */
    default Optional<VddkInfo> vddkInfo() {
        return Optional.empty();
    }

    /** Everything is read and durable: {@link #close} ends the reading as a success, and not as a failure. */
    void succeeded();
}
