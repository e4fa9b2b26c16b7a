package io.finemem.allocator.procedure;

/** Takes the elements of one chain, as words of the metadata region. Offsets are bytes from its start, multiples of 8. */
public interface WordChain {
    /** Longest chain that a procedure builds. */
    int MAX_ELEMENTS = 34;

    /** WRITE of a word. */
    void write(long offset, long value);

    /** CAS of a word. */
    void compareAndSwap(long offset, long expected, long update);

    /** FETCH_ADD on a word. */
    void fetchAdd(long offset, long addend);

    /** READ of a word. */
    void read(long offset);
}
