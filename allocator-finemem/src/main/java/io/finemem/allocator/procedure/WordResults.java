package io.finemem.allocator.procedure;

/** Results of a chain that was executed. */
public interface WordResults {
    /** Value before the atomic, or value read, of the element at that position of the chain. */
    long word(int element);
}
