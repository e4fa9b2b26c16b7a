package io.finemem.service.ipc;

import com.kenai.jffi.MemoryIO;
import java.nio.ByteBuffer;

/** Native memory for arguments of system calls; not thread-safe. */
final class Raw implements AutoCloseable {
    static final MemoryIO IO = MemoryIO.getInstance();

    private final long address;

    /** Zeroed memory. */
    Raw(long bytes) {
        address = IO.allocateMemory(bytes, true);
        if (address == 0) {
            throw new OutOfMemoryError("no native memory for " + bytes + " bytes");
        }
    }

    long at(long offset) {
        return address + offset;
    }

    int getInt(long offset) {
        return IO.getInt(address + offset);
    }

    long getLong(long offset) {
        return IO.getLong(address + offset);
    }

    void putShort(long offset, int value) {
        IO.putShort(address + offset, (short) value);
    }

    short getShort(long offset) {
        return IO.getShort(address + offset);
    }

    void putInt(long offset, int value) {
        IO.putInt(address + offset, value);
    }

    void putLong(long offset, long value) {
        IO.putLong(address + offset, value);
    }

    void put(long offset, byte[] bytes) {
        IO.putByteArray(address + offset, bytes, 0, bytes.length);
    }

    byte[] get(long offset, int length) {
        byte[] bytes = new byte[length];
        IO.getByteArray(address + offset, bytes, 0, length);
        return bytes;
    }

    /** Address of a direct buffer's first byte; the caller keeps the buffer reachable. */
    static long addressOf(ByteBuffer directBuffer) {
        return IO.getDirectBufferAddress(directBuffer);
    }

    @Override
    public void close() {
        IO.freeMemory(address);
    }
}
