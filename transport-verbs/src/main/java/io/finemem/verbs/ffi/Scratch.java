package io.finemem.verbs.ffi;

/** Zeroed native memory for the arguments of one call. */
public final class Scratch implements AutoCloseable {
    private final long address;

    /** Takes {@code bytes} bytes, at least 1. */
    public Scratch(long bytes) {
        address = NativeMemory.allocate(bytes);
    }

    /** Address of byte 0. */
    public long address() {
        return address;
    }

    /** Gives the memory back; it must not be used any more. */
    @Override
    public void close() {
        NativeMemory.free(address);
    }
}
