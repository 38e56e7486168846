package io.dvflow.dataplane.foreign;

import io.dvflow.dataplane.report.TransferFailure;
import io.dvflow.transfer.FailureReason;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import java.util.function.Consumer;

/** The only door to code that is not Java. */
@SuppressWarnings("restricted")
public final class NativeLibrary {

    private final SymbolLookup symbols;

    private NativeLibrary(SymbolLookup symbols) {
        this.symbols = symbols;
    }

    /**
     * @param name as the dynamic loader finds it
     * @param arena the library is loaded for as long as this lives
     * @throws IllegalArgumentException if there is no such library
     */
    public static NativeLibrary open(String name, Arena arena) {
        return new NativeLibrary(SymbolLookup.libraryLookup(name, arena));
    }

    /**
     * A library that every Debian image has because dpkg needs it; loaded for as long as the JVM lives.
     *
     * @throws TransferFailure if this container lacks it
     */
    public static NativeLibrary system(String name) {
        try {
            return open(name, Arena.global());
        } catch (IllegalArgumentException e) {
            throw new TransferFailure(
                    FailureReason.UNSUPPORTED_FORMAT,
                    "Unable to process data: it takes " + name + ", which this container does not have. Use the dvflow"
                            + " image, or install the package with that library",
                    e);
        }
    }

    /** Whether this container has a library of that name. */
    public static boolean isThere(String name) {
        try {
            open(name, Arena.global());
            return true;
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    /** The C library of the JVM itself. */
    public static NativeLibrary libc() {
        return new NativeLibrary(Linker.nativeLinker().defaultLookup());
    }

    /** A call of a function by its handle, with the result widened. */
    public interface Call {
        long run() throws Throwable;
    }

    /** Calls, and turns what handles may throw into what never happens. */
    public static long call(String function, Call call) {
        try {
            return call.run();
        } catch (Throwable e) {
            throw new IllegalStateException("Cannot call " + function, e);
        }
    }

    /**
     * What a library has made, until the arena is closed: then it is freed, once, and whoever still uses it is told.
     *
     * @param address 0 if there was no memory for it
     */
    public static MemorySegment owned(long address, Arena arena, Consumer<MemorySegment> free) {
        if (address == 0) {
            throw new OutOfMemoryError("A library found no memory for what it was to make");
        }
        return MemorySegment.ofAddress(address).reinterpret(arena, free);
    }

    public MethodHandle function(String name, FunctionDescriptor type, Linker.Option... options) {
        return Linker.nativeLinker().downcallHandle(symbols.findOrThrow(name), type, options);
    }
}
