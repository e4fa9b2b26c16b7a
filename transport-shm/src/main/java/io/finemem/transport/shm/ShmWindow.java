package io.finemem.transport.shm;

import io.finemem.api.OperationTimeout;
import io.finemem.spi.transport.MemoryWindow;
import io.finemem.spi.transport.ProtectionDomain;
import org.jspecify.annotations.Nullable;

/** A slot of the key table that is bound again and again, with another rkey each time. */
final class ShmWindow implements MemoryWindow {
    private static final int UNBOUND = 0;

    private final ShmDomain domain;
    private final KeyTable keys;
    private final int slot;
    /** In the list of its domain, which guards it. */
    private int place;

    private int latestKey;
    private volatile int liveKey;
    private volatile int announcedKey;
    private volatile long binds;
    private @Nullable ShmRegion region;
    private boolean closed;
    private boolean released;

    ShmWindow(ShmDomain domain, KeyTable keys) {
        this.domain = domain;
        this.keys = keys;
        this.slot = keys.take();
        this.latestKey = keys.latest(slot);
    }

    int place() {
        return place;
    }

    void setPlace(int place) {
        this.place = place;
    }

    @Override
    public ProtectionDomain domain() {
        return domain;
    }

    @Override
    public int rkey() {
        return announcedKey;
    }

    @Override
    public long bindCount() {
        return binds;
    }

    synchronized boolean closed() {
        return closed;
    }

    /** The rkey of a bind that was submitted just now. */
    int announce() {
        latestKey = keys.next(latestKey);
        announcedKey = latestKey;
        return latestKey;
    }

    /** An invalidate was submitted just now. */
    void announceEnd() {
        announcedKey = UNBOUND;
    }

    /** What was announced will not be executed. */
    void withdraw() {
        announcedKey = liveKey;
    }

    /**
     * Ends the live rkey for all that enter from now on.
     *
     * @return whether peers may be at work with an old rkey, ended now or before
     */
    synchronized boolean revoke() {
        if (liveKey != UNBOUND) {
            keys.revoke(liveKey);
            liveKey = UNBOUND;
        }
        return region != null;
    }

    /** The old rkey is at rest: the old region is not used by the window any more. */
    synchronized void unbind() {
        if (region != null) {
            region.removeWindow();
            region = null;
        }
    }

    /** Opens a range under a new rkey; false if the window or the region was closed meanwhile. */
    synchronized boolean bind(int rkey, ShmRegion target, RemoteExtent extent, long offset, long length, int rights) {
        if (closed || !target.addWindow()) {
            return false;
        }
        region = target;
        keys.publish(rkey, rights, domain.id(), target.address() + offset, length, extent);
        liveKey = rkey;
        binds++;
        return true;
    }

    /** The sequence of the operations that the peer's end has under way on the window, or {@link End#IDLE}. */
    long busy(End requester) {
        return keys.busy(requester, slot);
    }

    @Override
    public void close() {
        boolean bound;
        synchronized (this) {
            closed = true;
            announcedKey = UNBOUND;
            bound = revoke();
        }
        if (bound && !domain.awaitRequesters(this::busy)) {
            throw new OperationTimeout(
                    "an operation of a peer is still under way on the window; close it again", "window", this);
        }
        release();
    }

    private synchronized void release() {
        if (released) {
            return;
        }
        released = true;
        unbind();
        keys.give(slot);
        domain.remove(this);
    }

    @Override
    public String toString() {
        return "window " + slot;
    }
}
