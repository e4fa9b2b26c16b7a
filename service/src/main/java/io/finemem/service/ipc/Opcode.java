package io.finemem.service.ipc;

/** What a mailbox can ask for. Numbers never change their meaning. */
public final class Opcode {
    /** Nothing; answers at once. */
    public static final int PING = 1;
    /** {@code count} blocks of {@code argument} bytes each, all or none; answers a record per block. */
    public static final int ALLOCATE = 2;
    /** Frees the {@code count} handles of the request words, all or none of them valid. */
    public static final int FREE = 3;
    /**
     * The rkeys of the sections of the block of request word 0, from section {@code argument} on; answers {@code count} of them,
     * as 32-bit numbers in place of the records.
     */
    public static final int KEYS = 4;
    /** Counters of the application; answers {@link Counters#WORDS} words in place of the records. */
    public static final int STATISTICS = 5;

    /**
     * One block of {@code argument} bytes on a memory node that has a label: {@code count} bytes of UTF-8 in the request words, as
     * {@link LabelWords} says; answered as {@link #ALLOCATE}.
     */
    public static final int ALLOCATE_LABELLED = 6;

    private Opcode() {}
}
