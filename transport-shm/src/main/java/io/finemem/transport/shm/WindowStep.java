package io.finemem.transport.shm;

import io.finemem.spi.transport.CompletionStatus;
import org.jspecify.annotations.Nullable;

/**
 * One bind or invalidate at a time, advanced without blocking: end the old rkey, let every peer finish that was at work with it
 * when it ended, then open the new one. Peers at work with other keys are not waited for, however long they take: stopped in
 * the middle of a chain, they delay only what they use.
 */
final class WindowStep {
    private static final End[] NOBODY = {};

    private final ShmDomain domain;
    private boolean under;
    private End[] waitedFor = NOBODY;
    private int next;
    private long busy;

    WindowStep(ShmDomain domain) {
        this.domain = domain;
    }

    /** Drops a step under way: its connection has failed. The old rkey stays ended. */
    void drop() {
        under = false;
        waitedFor = NOBODY;
    }

    /** {@code IN_FLIGHT} if it must be called again. */
    CompletionStatus invalidate(ShmWindow window) {
        if (!atRest(window)) {
            return CompletionStatus.IN_FLIGHT;
        }
        window.unbind();
        return CompletionStatus.SUCCESS;
    }

    /** {@code IN_FLIGHT} if it must be called again. */
    CompletionStatus bind(ShmWindow window, ShmRegion region, ShmChain chain, int element) {
        RemoteExtent extent = region.bindable();
        long offset = chain.offset(element);
        long length = chain.length(element);
        if (extent == null || length < 1 || !region.holds(offset, length)) {
            return CompletionStatus.WINDOW_BIND_ERROR;
        }
        if (!atRest(window)) {
            return CompletionStatus.IN_FLIGHT;
        }
        window.unbind();
        boolean bound = window.bind(chain.rkey(element), region, extent, offset, length, chain.rights(element));
        return bound ? CompletionStatus.SUCCESS : CompletionStatus.WINDOW_BIND_ERROR;
    }

    private boolean atRest(ShmWindow window) {
        if (!under) {
            if (!window.revoke()) {
                return true;
            }
            under = true;
            waitedFor = domain.requesters();
            next = 0;
            busy = End.IDLE;
        }
        while (next < waitedFor.length) {
            if (stillBusy(waitedFor[next], window)) {
                return false;
            }
            next++;
            busy = End.IDLE;
        }
        drop();
        return true;
    }

    /** The sequence that it had when it was first looked at has to change. */
    private boolean stillBusy(@Nullable End requester, ShmWindow window) {
        long now = requester == null ? End.IDLE : window.busy(requester);
        if (busy == End.IDLE) {
            busy = now;
        }
        return now != End.IDLE && now == busy;
    }
}
