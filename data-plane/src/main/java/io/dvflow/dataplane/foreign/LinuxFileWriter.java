package io.dvflow.dataplane.foreign;

import java.io.Closeable;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.time.Instant;

/** A file that is written from a place on to its end. Not safe for use by many threads. */
public final class LinuxFileWriter implements Closeable {

    private final String path;
    private final int descriptor;
    private long position;
    private boolean closed;

    LinuxFileWriter(String path, int descriptor, long position) {
        this.path = path;
        this.descriptor = descriptor;
        this.position = position;
    }

    /** @param bytes outside the heap; all that remain are written */
    public void write(ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            MemorySegment from = MemorySegment.ofBuffer(bytes);
            long at = position;
            DirectoryCalls.Result written = DirectoryCalls.call("pwrite", (arena, state) ->
                    (long) DirectoryCalls.PWRITE.invokeExact(state, descriptor, from, from.byteSize(), at));
            if (!written.failedWith(DirectoryCalls.EINTR)) {
                int count = (int) written.orThrow("write to " + path);
                bytes.position(bytes.position() + count);
                position += count;
            }
        }
    }

    public void setMode(int mode) throws IOException {
        DirectoryCalls.call(
                        "fchmod", (arena, state) -> (int) DirectoryCalls.FCHMOD.invokeExact(state, descriptor, mode))
                .orThrow("set the mode of " + path);
    }

    public void setModified(Instant time) throws IOException {
        DirectoryCalls.call("futimens", (arena, state) ->
                        (int) DirectoryCalls.FUTIMENS.invokeExact(state, descriptor, DirectoryCalls.times(arena, time)))
                .orThrow("set the times of " + path);
    }

    /** Says what a network file system only finds out now; may be called again. */
    @Override
    public void close() throws IOException {
        if (!closed) {
            closed = true;
            DirectoryCalls.call("close", (arena, state) -> (int) DirectoryCalls.CLOSE.invokeExact(state, descriptor))
                    .orThrow("close " + path);
        }
    }

    void cutTo(long length) throws IOException {
        try {
            DirectoryCalls.call("ftruncate", (arena, state) ->
                            (int) DirectoryCalls.FTRUNCATE.invokeExact(state, descriptor, length))
                    .orThrow("cut " + path);
        } catch (IOException e) {
            close();
            throw e;
        }
    }
}
