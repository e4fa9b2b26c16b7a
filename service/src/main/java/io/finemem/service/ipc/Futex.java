package io.finemem.service.ipc;

import java.nio.ByteBuffer;

/** Waits for a 32-bit word of shared memory to change, across processes. */
public final class Futex {
    private static final long SYS_FUTEX = System.getProperty("os.arch").equals("aarch64") ? 98 : 202;
    private static final int WAIT = 0;
    private static final int WAKE = 1;

    private final ByteBuffer memory;
    private final long address;

    /**
     * The word at an offset.
     *
     * @param memory a mapped segment, kept reachable
     */
    public Futex(ByteBuffer memory, int offset) {
        this.memory = memory;
        this.address = Raw.addressOf(memory) + offset;
    }

    /** Storage for the time limit of one waiting thread at a time. */
    public static final class Limit implements AutoCloseable {
        private final Raw timespec = new Raw(2 * Long.BYTES);

        @Override
        public void close() {
            timespec.close();
        }
    }

    /**
     * Sleeps if the word is {@code seen}, until it is {@linkplain #wake woken} or the time is over; it may also return for no
     * reason.
     *
     * @param nanos 0 to 999,999,999
     */
    public void await(int seen, Limit limit, int nanos) {
        limit.timespec.putLong(0, 0);
        limit.timespec.putLong(Long.BYTES, nanos);
        LibC.C.syscall(SYS_FUTEX, address, WAIT, Integer.toUnsignedLong(seen), limit.timespec.at(0));
        java.lang.ref.Reference.reachabilityFence(memory);
    }

    /** Wakes one waiter. */
    public void wake() {
        LibC.C.syscall(SYS_FUTEX, address, WAKE, 1, 0);
        java.lang.ref.Reference.reachabilityFence(memory);
    }
}
