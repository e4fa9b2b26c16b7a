package io.finemem.verbs.ffi;

import com.kenai.jffi.MemoryIO;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * Loads and stores at raw addresses, and malloc'ed memory. No bounds are known, none are checked.
 *
 * <p><b>Thread-safety.</b> Plain accesses, except {@link #getLongAcquire} and {@link #putLongRelease}.
 */
public final class NativeMemory {
    private static final MemoryIO IO = MemoryIO.getInstance();

    private NativeMemory() {}

    /** Zeroed memory, 16-byte aligned, to be given back by {@link #free}. */
    public static long allocate(long bytes) {
        long address = IO.allocateMemory(bytes, true);
        if (address == 0) {
            throw new OutOfMemoryError("no native memory for " + bytes + " bytes");
        }
        return address;
    }

    /** Gives memory of {@link #allocate} back. */
    public static void free(long address) {
        IO.freeMemory(address);
    }

    /** One byte. */
    public static byte getByte(long address) {
        return IO.getByte(address);
    }

    /** Two bytes in native order. */
    public static short getShort(long address) {
        return IO.getShort(address);
    }

    /** Four bytes in native order. */
    public static int getInt(long address) {
        return IO.getInt(address);
    }

    /** Eight bytes in native order. */
    public static long getLong(long address) {
        return IO.getLong(address);
    }

    /** One byte. */
    public static void putByte(long address, int value) {
        IO.putByte(address, (byte) value);
    }

    /** Two bytes in native order. */
    public static void putShort(long address, int value) {
        IO.putShort(address, (short) value);
    }

    /** Four bytes in native order. */
    public static void putInt(long address, int value) {
        IO.putInt(address, value);
    }

    /** Eight bytes in native order. */
    public static void putLong(long address, long value) {
        IO.putLong(address, value);
    }

    /** Loads an aligned word; later loads and stores of this thread are not older. */
    public static long getLongAcquire(long address) {
        long value = IO.getLong(address);
        VarHandle.acquireFence();
        return value;
    }

    /** Stores an aligned word after all earlier loads and stores of this thread. */
    public static void putLongRelease(long address, long value) {
        VarHandle.releaseFence();
        IO.putLong(address, value);
    }

    /** Sets bytes to one value. */
    public static void fill(long address, long bytes, byte value) {
        IO.setMemory(address, bytes, value);
    }

    /** Copies bytes that do not overlap. */
    public static void copy(long from, long to, long bytes) {
        IO.copyMemory(from, to, bytes);
    }

    /** Copies from raw memory into an array. */
    public static void get(long address, byte[] destination, int offset, int length) {
        IO.getByteArray(address, destination, offset, length);
    }

    /** Copies from an array to raw memory. */
    public static void put(long address, byte[] source, int offset, int length) {
        IO.putByteArray(address, source, offset, length);
    }

    /** The text of a zero-terminated string. */
    public static String getText(long address) {
        return new String(IO.getZeroTerminatedByteArray(address), StandardCharsets.UTF_8);
    }

    /** Address of a direct buffer's first byte, whatever its position; the caller keeps the buffer reachable. */
    public static long addressOf(ByteBuffer directBuffer) {
        return IO.getDirectBufferAddress(directBuffer);
    }

    /** A direct buffer over raw memory, which must outlive it. */
    public static ByteBuffer bufferOver(long address, int length) {
        return IO.newDirectByteBuffer(address, length);
    }
}
