package io.dvflow.dataplane.source.http;

import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * The bytes of one response. There is no body that ends where the connection ends: such an end proves nothing.
 */
interface Body {

    /** @return the number of bytes read; -1 at an end that the protocol vouches for */
    int read(ByteBuffer into) throws IOException;

    /** Whether {@link #read} has come to the end, so that the connection can carry another request. */
    boolean isConsumed();
}
