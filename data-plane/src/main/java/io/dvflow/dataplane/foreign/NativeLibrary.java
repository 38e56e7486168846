package io.dvflow.dataplane.foreign;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;

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

    /** The C library of the JVM itself. */
    public static NativeLibrary libc() {
        return new NativeLibrary(Linker.nativeLinker().defaultLookup());
    }

    public MethodHandle function(String name, FunctionDescriptor type, Linker.Option... options) {
        return Linker.nativeLinker().downcallHandle(symbols.findOrThrow(name), type, options);
    }
}
