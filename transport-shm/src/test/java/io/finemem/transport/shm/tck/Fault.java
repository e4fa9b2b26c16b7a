package io.finemem.transport.shm.tck;

import org.jspecify.annotations.Nullable;

/** What a faulty transport does to the calls that pass through it. */
@FunctionalInterface
interface Fault {
    /** No fault at all: the decoration itself must be innocent. */
    Fault NONE = Call::proceed;

    /** The result of the call, a real object or a value. */
    @Nullable
    Object call(Call call) throws Throwable;
}
