package io.finemem.service.ipc;

import com.kenai.jffi.MemoryIO;
import java.nio.ByteBuffer;

/** Native memory for arguments of system calls; not thread-safe. Use after {@link #close()} fails instead of harming the process. */
final class Raw implements AutoCloseable {
    static final MemoryIO IO = MemoryIO.getInstance();

    private long address;

    /** Zeroed memory. */
    Raw(long bytes) {
        address = IO.allocateMemory(bytes, true);
        if (address == 0) {
            throw new OutOfMemoryError("no native memory for " + bytes + " bytes");
        }
    }

    long at(long offset) {
        if (address == 0) {
            throw new IllegalStateException("native memory was given back");
        }
        return address + offset;
    }

    int getInt(long offset) {
        return IO.getInt(at(offset));
    }

    long getLong(long offset) {
        return IO.getLong(at(offset));
    }

    void putShort(long offset, int value) {
        IO.putShort(at(offset), (short) value);
    }

    short getShort(long offset) {
        return IO.getShort(at(offset));
    }

    void putInt(long offset, int value) {
        IO.putInt(at(offset), value);
    }

    void putLong(long offset, long value) {
        IO.putLong(at(offset), value);
    }

    void put(long offset, byte[] bytes) {
        IO.putByteArray(at(offset), bytes, 0, bytes.length);
    }

    byte[] get(long offset, int length) {
        byte[] bytes = new byte[length];
        IO.getByteArray(at(offset), bytes, 0, length);
        return bytes;
    }

    /** Address of a direct buffer's first byte; the caller keeps the buffer reachable. */
    static long addressOf(ByteBuffer directBuffer) {
        return IO.getDirectBufferAddress(directBuffer);
    }

    @Override
    public void close() {
        if (address != 0) {
            IO.freeMemory(address);
            address = 0;
        }
    }
}
