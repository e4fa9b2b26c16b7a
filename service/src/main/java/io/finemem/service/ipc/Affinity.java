package io.finemem.service.ipc;

/** Which processor a thread runs on. */
public final class Affinity {
    private static final int MASK_BYTES = 1024 / Byte.SIZE;

    /** Processors that can be named. */
    public static final int MAX_PROCESSORS = MASK_BYTES * Byte.SIZE;

    private Affinity() {}

    /**
     * Binds the calling thread to one processor.
     *
     * @param processor 0 up to {@link #MAX_PROCESSORS}
     */
    public static void pinTo(int processor) throws SystemCallFailed {
        try (Raw mask = new Raw(MASK_BYTES)) {
            mask.putLong(processor / Long.SIZE * Long.BYTES, 1L << processor % Long.SIZE);
            SystemCallFailed.check("sched_setaffinity", LibC.C.sched_setaffinity(0, MASK_BYTES, mask.at(0)));
        }
    }
}
