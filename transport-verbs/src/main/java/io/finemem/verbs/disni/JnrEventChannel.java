package io.finemem.verbs.disni;

import com.ibm.disni.verbs.RdmaEventChannel;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jspecify.annotations.Nullable;

/**
 * A channel of connection events; it maps native ids to the handles that the program holds.
 *
 * <p>Channels of endpoint groups differ from others: the endpoints know no failure but DISCONNECTED, so every failure event is
 * followed by one, and connect and accept wait for their outcome (see {@link JnrRdmaCm}).
 */
public final class JnrEventChannel extends RdmaEventChannel {
    private final long address;
    private final boolean servesEndpoints;
    private final ConcurrentHashMap<Long, JnrCmId> ids = new ConcurrentHashMap<>();
    private final ConcurrentLinkedQueue<JnrCmEvent> followUps = new ConcurrentLinkedQueue<>();
    private volatile @Nullable Thread poller;

    JnrEventChannel(long address, int fd, boolean servesEndpoints) throws IOException {
        super(fd);
        this.address = address;
        this.servesEndpoints = servesEndpoints;
    }

    /** The {@code struct rdma_event_channel}. */
    public long address() throws IOException {
        return Handles.open(isOpen, address, "event channel");
    }

    long rawAddress() {
        return address;
    }

    boolean servesEndpoints() {
        return servesEndpoints;
    }

    void add(JnrCmId id) {
        ids.put(id.rawAddress(), id);
    }

    void remove(JnrCmId id) {
        ids.remove(id.rawAddress(), id);
    }

    @Nullable
    JnrCmId id(long nativeId) {
        return nativeId == 0 ? null : ids.get(nativeId);
    }

    List<JnrCmId> remainingIds() {
        return List.copyOf(ids.values());
    }

    void polledByThisThread() {
        poller = Thread.currentThread();
    }

    /** Whether waiting for an event in this thread would be in vain, because it is the one that takes them. */
    boolean isPolledByThisThread() {
        Thread last = poller;
        return last == null || last == Thread.currentThread();
    }

    void followUp(JnrCmEvent event) {
        followUps.add(event);
    }

    /** The next event that is owed, skipping ids destroyed since. */
    @Nullable
    JnrCmEvent nextFollowUp() {
        JnrCmEvent event = followUps.poll();
        while (event != null && !event.getConnIdPriv().isOpen()) {
            event = followUps.poll();
        }
        return event;
    }
}
