package io.finemem.service.client;

import io.finemem.allocator.control.ResumeToken;
import io.finemem.api.OutOfLocalResources;
import io.finemem.api.ServiceLost;
import io.finemem.service.ipc.Frame;
import io.finemem.service.ipc.SharedSegment;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** How a client finds its session again after the service was restarted. Used by one thread, but for {@link #met}. */
final class Reattachment {
    private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(10);

    private final ServiceClientOptions options;
    private final Frame.Welcome session;
    private final SharedSegment segment;
    /** Names of memory nodes by index: a service that comes back must have the same. */
    private volatile List<String> nodes;

    Reattachment(ServiceClientOptions options, Frame.Welcome session, SharedSegment segment) {
        this.options = options;
        this.session = session;
        this.segment = segment;
        this.nodes = session.nodes();
    }

    /** There is one more memory node whose index this client uses; one thread at a time. */
    void met(int index, String name) {
        if (index == nodes.size()) {
            List<String> more = new ArrayList<>(nodes);
            more.add(name);
            nodes = List.copyOf(more);
        }
    }

    /** Whether the session outlives the service, and this client wants to wait. */
    boolean possible() {
        return session.token() != null && !options.reattachTimeout().isZero();
    }

    /**
     * Tries until the service has the session again.
     *
     * @param unwanted says when to give up
     * @return the new socket, and what is lost; null if it is not wanted any more
     * @throws io.finemem.api.FineMemException if the service has not the session, or does not come back in time
     */
    Handshake.@Nullable Reattached await(BooleanSupplier unwanted) {
        ResumeToken token = session.token();
        if (token == null) {
            throw new IllegalStateException("the session ends with its service");
        }
        long deadline = System.nanoTime() + options.reattachTimeout().toNanos();
        while (!unwanted.getAsBoolean()) {
            Handshake.Reattached back = attempt(token);
            if (back != null) {
                return back;
            }
            if (System.nanoTime() - deadline > 0) {
                throw new ServiceLost(
                        "the allocation service went away and did not come back in time; what this application held is given back",
                        "millis",
                        options.reattachTimeout().toMillis());
            }
            LockSupport.parkNanos(PAUSE_NANOS);
        }
        return null;
    }

    private Handshake.@Nullable Reattached attempt(ResumeToken token) {
        try {
            return Handshake.reattach(options, session, nodes, token, segment);
        } catch (OutOfLocalResources e) {
            return null; // it may have some again before the time is over
        }
    }
}
