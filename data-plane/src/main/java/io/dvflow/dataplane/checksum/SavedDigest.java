package io.dvflow.dataplane.checksum;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.dvflow.dataplane.foreign.NativeLibrary;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/**
 * The JVM's digests keep their state to themselves; OpenSSL's, in the image because ca-certificates needs it, have it in
 * plain memory and are as fast.
 */
final class SavedDigest implements RunningDigest {

    private final DigestAlgorithm algorithm;
    private final Functions functions;
    private final Arena arena = Arena.ofShared();
    private final MemorySegment context;
    private long length;

    SavedDigest(DigestAlgorithm algorithm) {
        this.algorithm = algorithm;
        this.functions = Functions.of(algorithm);
        this.context = arena.allocate(algorithm.contextBytes(), 8);
        functions.init(context);
    }

    @Override
    public void goOnFrom(State state, long hashed) {
        length = hashed;
        MemorySegment.copy(state.chain(), 0, context, JAVA_BYTE, 0, state.chain().length);
        if (algorithm.wordBytes() == 4) {
            context.set(JAVA_INT, algorithm.bitsOffset(), (int) (hashed << 3));
            context.set(JAVA_INT, algorithm.bitsOffset() + 4, (int) (hashed >>> 29));
        } else {
            context.set(JAVA_LONG, algorithm.bitsOffset(), hashed << 3);
            context.set(JAVA_LONG, algorithm.bitsOffset() + 8, hashed >>> 61);
        }
        MemorySegment.copy(state.rest(), 0, context, JAVA_BYTE, algorithm.restOffset(), state.rest().length);
        context.set(JAVA_INT, algorithm.restLengthOffset(), state.rest().length);
    }

    @Override
    public State state() {
        int rest = (int) (length % algorithm.blockBytes());
        return new State(
                context.asSlice(0, algorithm.digestBytes()).toArray(JAVA_BYTE),
                context.asSlice(algorithm.restOffset(), rest).toArray(JAVA_BYTE));
    }

    @Override
    public void update(MemorySegment bytes) {
        functions.update(context, bytes);
        length += bytes.byteSize();
    }

    @Override
    public byte[] digest() {
        try (Arena call = Arena.ofConfined()) {
            // Finishing spoils the context, of which there may still be a mark to be made.
            MemorySegment copy = call.allocate(algorithm.contextBytes(), 8).copyFrom(context);
            MemorySegment digest = call.allocate(algorithm.digestBytes());
            functions.finish(digest, copy);
            return digest.toArray(JAVA_BYTE);
        }
    }

    @Override
    public void close() {
        arena.close();
    }

    private record Functions(MethodHandle initHandle, MethodHandle updateHandle, MethodHandle finalHandle) {

        static Functions of(DigestAlgorithm algorithm) {
            NativeLibrary crypto = NativeLibrary.system("libcrypto.so.3");
            String name = algorithm.functions();
            return new Functions(
                    crypto.function(name + "_Init", FunctionDescriptor.of(JAVA_INT, ADDRESS)),
                    crypto.function(name + "_Update", FunctionDescriptor.of(JAVA_INT, ADDRESS, ADDRESS, JAVA_LONG)),
                    crypto.function(name + "_Final", FunctionDescriptor.of(JAVA_INT, ADDRESS, ADDRESS)));
        }

        void init(MemorySegment context) {
            check(NativeLibrary.call("the digest's Init", () -> (int) initHandle.invokeExact(context)));
        }

        void update(MemorySegment context, MemorySegment bytes) {
            check(NativeLibrary.call(
                    "the digest's Update", () -> (int) updateHandle.invokeExact(context, bytes, bytes.byteSize())));
        }

        void finish(MemorySegment digest, MemorySegment context) {
            check(NativeLibrary.call("the digest's Final", () -> (int) finalHandle.invokeExact(digest, context)));
        }

        private static void check(long result) {
            if (result != 1) {
                throw new IllegalStateException("libcrypto refuses to hash");
            }
        }
    }
}
