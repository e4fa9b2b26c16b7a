package io.finemem.allocator.procedure;

import io.finemem.allocator.layout.Geometry;

/** Takes the elements of one chain, as words of the metadata region. Offsets are bytes from its start, multiples of 8. */
public interface WordChain {
    /** Longest chain that a procedure builds: a slot for each chunk of a span, its header, and two rkeys to a word. */
    int MAX_ELEMENTS = Geometry.CHUNKS_PER_SPAN + 1 + Geometry.CHUNKS_PER_SPAN / 2;

    /** WRITE of a word. */
    void write(long offset, long value);

    /** CAS of a word. */
    void compareAndSwap(long offset, long expected, long update);

    /** FETCH_ADD on a word. */
    void fetchAdd(long offset, long addend);

    /** READ of a word. */
    void read(long offset);
}
