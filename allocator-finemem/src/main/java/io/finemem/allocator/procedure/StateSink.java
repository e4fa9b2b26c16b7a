package io.finemem.allocator.procedure;

/**
 * Takes the state of a procedure, field by field and always in the same order, so that two states can be compared. What
 * only counts and decides nothing is left out.
 */
public interface StateSink {
    /** A number without a version in it. */
    void number(long value);

    /** Index of a journal slot. */
    void slot(int slot);

    /** A value that the word at that offset had at some time, version included. */
    void word(long offset, long value);

    /** A position in the revoke ring of a segment, counted from 0 on without end. */
    void position(int segment, long position);
}
