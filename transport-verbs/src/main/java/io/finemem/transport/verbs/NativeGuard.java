package io.finemem.transport.verbs;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * Keeps a closing thread from releasing native memory while the posting thread uses it: one volatile store and load on
 * the way in, one store on the way out. A lock with one user and one closer, where the user never waits.
 */
final class NativeGuard {
    private static final VarHandle INSIDE;
    private static final int SPINS = 128;

    static {
        try {
            INSIDE = MethodHandles.lookup().findVarHandle(NativeGuard.class, "inside", boolean.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    @SuppressWarnings("unused")
    private boolean inside;

    private volatile boolean closed;

    /** The posting thread: enters unless closed; leaves by {@link #leave}. */
    boolean enter() {
        INSIDE.setVolatile(this, true);
        if (closed) {
            leave();
            return false;
        }
        return true;
    }

    /** The posting thread: leaves. */
    void leave() {
        INSIDE.setRelease(this, false);
    }

    /**
     * Another thread: keeps the posting thread out from now on, and waits until it has left.
     *
     * @param deadline in {@link System#nanoTime}
     * @return false if it was still inside at the deadline
     */
    boolean close(long deadline) {
        closed = true;
        for (int polls = 0; (boolean) INSIDE.getVolatile(this); polls++) {
            if (polls < SPINS) {
                Thread.onSpinWait();
            } else if (System.nanoTime() - deadline > 0) {
                return false;
            } else {
                Thread.yield();
            }
        }
        return true;
    }
}
