package io.finemem.verbs.ffi;

/**
 * Zeroed native memory for one try-with-resources block, such as the attributes of a call.
 *
 * @param address first byte
 */
public record NativeBlock(long address) implements AutoCloseable {

    /** Allocates. */
    public static NativeBlock of(long bytes) {
        return new NativeBlock(NativeMemory.allocate(bytes));
    }

    @Override
    public void close() {
        NativeMemory.free(address);
    }
}
