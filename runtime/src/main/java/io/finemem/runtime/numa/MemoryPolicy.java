package io.finemem.runtime.numa;

import com.kenai.jffi.MemoryIO;
import java.lang.ref.Reference;
import java.nio.ByteBuffer;
import jnr.ffi.Runtime;

/**
 * The kernel's memory policies: {@code set_mempolicy}, {@code get_mempolicy}, {@code mbind} and {@code move_pages} on Linux of 64
 * bits.
 *
 * <p>An object binds the thread that made it, until it is closed by that thread: pages that the thread is the first to touch come
 * from one node, or not at all.
 */
final class MemoryPolicy implements AutoCloseable {
    /** {@code MPOL_BIND}. */
    private static final int BIND = 2;
    /** Bits of a mask of nodes, as many as the kernel can have. */
    private static final int MASK_BITS = 1024;

    private static final int MASK_BYTES = MASK_BITS / Byte.SIZE;

    private static final boolean ARM = System.getProperty("os.arch").equals("aarch64");
    private static final long MBIND = ARM ? 235 : 237;
    private static final long GET_MEMPOLICY = ARM ? 236 : 239;
    private static final long SET_MEMPOLICY = ARM ? 237 : 238;
    private static final long MOVE_PAGES = ARM ? 239 : 279;

    private final int modeBefore;
    private final long[] maskBefore;

    private MemoryPolicy(int modeBefore, long[] maskBefore) {
        this.modeBefore = modeBefore;
        this.maskBefore = maskBefore;
    }

    /** A system call that failed. */
    static final class Refused extends Exception {
        private static final long serialVersionUID = 1L;

        Refused(String call) {
            super(call + ": " + LibC.C.strerror(Runtime.getSystemRuntime().getLastError()));
        }
    }

    /** Binds this thread to a node. */
    static MemoryPolicy bindThread(int node) throws Refused {
        try (Native mode = new Native(Integer.BYTES);
                Native mask = new Native(MASK_BYTES)) {
            check("get_mempolicy", LibC.C.syscall(GET_MEMPOLICY, mode.address, mask.address, MASK_BITS, 0, 0, 0));
            MemoryPolicy before = new MemoryPolicy(Native.IO.getInt(mode.address), mask.longs());
            set(BIND, maskOf(node));
            return before;
        }
    }

    @Override
    public void close() throws Refused {
        set(modeBefore, maskBefore);
    }

    private static void set(int mode, long[] nodes) throws Refused {
        try (Native mask = new Native(MASK_BYTES)) {
            mask.put(nodes);
            boolean none = java.util.Arrays.stream(nodes).allMatch(word -> word == 0);
            check(
                    "set_mempolicy",
                    LibC.C.syscall(SET_MEMPOLICY, mode, none ? 0 : mask.address, none ? 0 : MASK_BITS, 0, 0, 0));
        }
    }

    /**
     * Binds mapped memory to a node for good, in every process that maps it: the kernel does not move it to where it is used, and
     * brings it back to that node. Pages that are there stay where they are.
     *
     * @param memory a direct buffer that begins with a page, kept reachable by the caller
     */
    static void bindMemory(ByteBuffer memory, int node) throws Refused {
        try (Native mask = new Native(MASK_BYTES)) {
            mask.put(maskOf(node));
            long address = Native.IO.getDirectBufferAddress(memory);
            check("mbind", LibC.C.syscall(MBIND, address, memory.capacity(), BIND, mask.address, MASK_BITS, 0));
        } finally {
            Reference.reachabilityFence(memory);
        }
    }

    /**
     * Which node each of some pages is on; negative for a page that is not there.
     *
     * @param addresses one of each page
     */
    static int[] nodesOf(long[] addresses) throws Refused {
        try (Native pages = new Native((long) addresses.length * Long.BYTES);
                Native nodes = new Native((long) addresses.length * Integer.BYTES)) {
            pages.put(addresses);
            check("move_pages", LibC.C.syscall(MOVE_PAGES, 0, addresses.length, pages.address, 0, nodes.address, 0));
            int[] found = new int[addresses.length];
            for (int i = 0; i < found.length; i++) {
                found[i] = Native.IO.getInt(nodes.address + (long) i * Integer.BYTES);
            }
            return found;
        }
    }

    private static long[] maskOf(int node) {
        long[] mask = new long[MASK_BITS / Long.SIZE];
        mask[node / Long.SIZE] = 1L << node % Long.SIZE;
        return mask;
    }

    private static void check(String call, long result) throws Refused {
        if (result < 0) {
            throw new Refused(call);
        }
    }

    /** Memory for arguments, zeroed. */
    private static final class Native implements AutoCloseable {
        static final MemoryIO IO = MemoryIO.getInstance();

        final long address;
        private final long bytes;

        Native(long bytes) {
            this.bytes = bytes;
            this.address = IO.allocateMemory(bytes, true);
            if (address == 0) {
                throw new OutOfMemoryError("no native memory for " + bytes + " bytes");
            }
        }

        void put(long[] words) {
            IO.putLongArray(address, words, 0, words.length);
        }

        long[] longs() {
            long[] words = new long[(int) (bytes / Long.BYTES)];
            IO.getLongArray(address, words, 0, words.length);
            return words;
        }

        @Override
        public void close() {
            IO.freeMemory(address);
        }
    }
}
