package io.finemem.runtime.trace.strace;

/** A call that changed what a process holds. */
sealed interface Moment permits Allocation, Release {

    /** When it took effect, in microseconds since the epoch. */
    long micros();
}
