package io.finemem.verbs.disni;

import com.ibm.disni.verbs.IbvCQ;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * A completion queue. It counts the events taken and not acknowledged, because destroying a queue with such events would block
 * for ever.
 */
public final class JnrCq extends IbvCQ {
    private final long address;
    private int unacknowledged;

    JnrCq(JnrContext context, @Nullable JnrCompChannel channel, long address, int handle, int entries)
            throws IOException {
        super(context, channel, handle);
        this.address = address;
        this.cqe = entries;
    }

    /** The {@code struct ibv_cq}. */
    public long address() throws IOException {
        return Handles.open(isOpen, address, "completion queue");
    }

    synchronized void eventTaken() {
        unacknowledged++;
    }

    /** How many of {@code wanted} events are there to be acknowledged; they count as acknowledged from now on. */
    synchronized int acknowledge(int wanted) {
        int events = Math.min(wanted, unacknowledged);
        unacknowledged -= events;
        return events;
    }
}
