package io.finemem.spi.transport;

/**
 * A part of a region with an rkey of its own that can be ended without touching the region (rule R8). Bound and invalidated
 * by {@linkplain Chain#bind chain elements} on a connection of its domain, normally a loop-back one.
 *
 * <p><b>Thread-safety.</b> One thread at a time binds; {@link #rkey} may be read by any.
 */
public interface MemoryWindow extends AutoCloseable {

    /** The domain it belongs to. */
    ProtectionDomain domain();

    /**
     * The rkey of the latest bind, or 0 if the window is not bound. After {@link Capabilities#windowKeyPeriod()} binds of
     * one window an old rkey comes back: who must rule that out exchanges the window before.
     */
    int rkey();

    /** Binds since the window was made. */
    long bindCount();

    /** Ends the rkey and releases the window. */
    @Override
    void close();
}
