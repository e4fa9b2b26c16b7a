package io.finemem.transport.shm;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Little-endian 64-bit words of mapped memory, at aligned byte indices. */
final class SharedWord {
    static final int BYTES = Long.BYTES;
    static final int ALIGNMENT_MASK = BYTES - 1;

    private static final VarHandle WORD = MethodHandles.byteBufferViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    private SharedWord() {}

    static long getPlain(ByteBuffer memory, int at) {
        return (long) WORD.get(memory, at);
    }

    static void putPlain(ByteBuffer memory, int at, long value) {
        WORD.set(memory, at, value);
    }

    static long getAcquire(ByteBuffer memory, int at) {
        return (long) WORD.getAcquire(memory, at);
    }

    static void putRelease(ByteBuffer memory, int at, long value) {
        WORD.setRelease(memory, at, value);
    }

    static long getVolatile(ByteBuffer memory, int at) {
        return (long) WORD.getVolatile(memory, at);
    }

    static void putVolatile(ByteBuffer memory, int at, long value) {
        WORD.setVolatile(memory, at, value);
    }

    static boolean compareAndSet(ByteBuffer memory, int at, long expected, long update) {
        return WORD.compareAndSet(memory, at, expected, update);
    }

    static long compareAndExchange(ByteBuffer memory, int at, long expected, long update) {
        return (long) WORD.compareAndExchange(memory, at, expected, update);
    }

    static long getAndAdd(ByteBuffer memory, int at, long addend) {
        return (long) WORD.getAndAdd(memory, at, addend);
    }
}
