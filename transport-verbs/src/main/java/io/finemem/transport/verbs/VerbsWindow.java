package io.finemem.transport.verbs;

import io.finemem.api.InvalidRequest;
import io.finemem.spi.transport.MemoryWindow;
import io.finemem.spi.transport.ProtectionDomain;
import io.finemem.verbs.disni.JnrMw;
import io.finemem.verbs.ffi.MwFields;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A type 1 memory window.
 *
 * <p>The device follows the rkey from bind to bind and refuses a bind that starts from another one than it has. If a
 * bind was certainly not executed, the window goes back to the state before; if that is unknown (a flushed bind), the
 * device's window is given back, which ends whatever rkey it had, and the next bind takes a fresh one.
 */
final class VerbsWindow implements MemoryWindow {
    private final VerbsDomain domain;
    private @Nullable JnrMw handle;
    private long mw;
    private @Nullable VerbsRegion region;
    private @Nullable WorkQueue pendingOn;
    private long pendingSince;
    private volatile int rkey;
    private volatile long bindCount;
    private volatile boolean closed;

    VerbsWindow(VerbsDomain domain) {
        this.domain = domain;
        renew();
    }

    @Override
    public ProtectionDomain domain() {
        return domain;
    }

    @Override
    public int rkey() {
        return rkey;
    }

    @Override
    public long bindCount() {
        return bindCount;
    }

    /** Refuses a closed window, and takes a fresh one of the device if the last outcome was unknown. */
    synchronized void prepare() {
        requireOpen();
        if (mw == 0) {
            renew();
        }
    }

    private void renew() {
        JnrMw fresh = domain.device().allocateWindow(domain.pd());
        handle = fresh;
        mw = VerbsDevice.address(fresh::address);
    }

    void requireOpen() {
        if (closed) {
            throw new InvalidRequest("the window is closed", "binds", bindCount);
        }
    }

    /** The {@code ibv_mw*}. */
    long mw() {
        return mw;
    }

    /** The device's rkey before the next bind. */
    int deviceKey() {
        return MwFields.remoteKey(mw);
    }

    /** The region it is bound to, or null. */
    @Nullable
    VerbsRegion region() {
        return region;
    }

    /** Remembers that a bind is in a work request that was written but not posted yet. */
    void pendingSince(WorkQueue queue, long sequence) {
        pendingOn = queue;
        pendingSince = sequence;
    }

    /** Whether a bind is among the work requests written since the last doorbell. */
    boolean isPendingSince(WorkQueue queue, long sequence) {
        return pendingOn == queue && pendingSince == sequence;
    }

    /** A bind or (with a null region) an invalidate was posted; the device will have this rkey. */
    synchronized void posted(int deviceKey, @Nullable VerbsRegion newRegion) {
        pendingOn = null;
        MwFields.setRemoteKey(mw, deviceKey);
        moveTo(newRegion);
        rkey = newRegion == null ? 0 : deviceKey;
        if (newRegion != null) {
            bindCount++;
        }
    }

    /** The bind was not executed: back to the state before. */
    synchronized void undo(int deviceKeyBefore, int rkeyBefore, @Nullable VerbsRegion regionBefore) {
        if (mw != 0) {
            MwFields.setRemoteKey(mw, deviceKeyBefore);
            moveTo(regionBefore);
            rkey = rkeyBefore;
        }
    }

    /** Nobody knows whether the bind was executed: ends all rkeys. */
    synchronized void discard() {
        rkey = 0;
        moveTo(null);
        if (mw != 0) {
            mw = 0;
            domain.device().releaseWindow(Objects.requireNonNull(handle));
        }
    }

    private void moveTo(@Nullable VerbsRegion newRegion) {
        if (newRegion != null) {
            newRegion.windowBound();
        }
        if (region != null) {
            region.windowUnbound();
        }
        region = newRegion;
    }

    @Override
    public void close() {
        synchronized (this) {
            if (closed) {
                return;
            }
            closed = true;
            discard();
        }
        domain.forget(this);
    }
}
