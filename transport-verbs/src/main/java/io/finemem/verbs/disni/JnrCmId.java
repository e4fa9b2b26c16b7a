package io.finemem.verbs.disni;

import com.ibm.disni.verbs.IbvContext;
import com.ibm.disni.verbs.IbvQP;
import com.ibm.disni.verbs.RdmaCmId;
import io.finemem.verbs.ffi.RdmaIdFields;
import java.io.IOException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A connection id.
 *
 * <p><b>Thread-safety.</b> Calls on one id exclude each other; destroying it excludes all.
 */
public final class JnrCmId extends RdmaCmId {
    private final JnrContexts contexts;
    private final JnrEventChannel channel;
    private final long address;
    private final Object outcome = new Object();
    /** Guarded by {@link #outcome}: the event that decided the attempt to connect, or null while it is open. */
    private @Nullable JnrCmEvent decided;

    /** What a CONNECT_REQUEST asked for, if this id came with one. */
    private final @Nullable ConnectionParameters request;

    JnrCmId(
            JnrContexts contexts,
            JnrEventChannel channel,
            long address,
            int portSpace,
            @Nullable ConnectionParameters request)
            throws IOException {
        super(channel, null);
        this.contexts = contexts;
        this.channel = channel;
        this.address = address;
        this.ps = portSpace;
        this.request = request;
    }

    /** The {@code struct rdma_cm_id}. */
    public long address() throws IOException {
        return Handles.open(isOpen, address, "connection id");
    }

    /** The device context, or null as long as the id is not bound to a device. */
    @Override
    @SuppressWarnings("NullAway")
    public synchronized @Nullable IbvContext getVerbs() throws IOException {
        if (verbs == null) {
            verbs = contexts.shared(RdmaIdFields.context(address()));
        }
        return verbs;
    }

    /** Port of the device, 1 and up, or 0 as long as the id is not bound. */
    @Override
    public synchronized byte getPort_num() {
        if (isOpen) {
            port_num = RdmaIdFields.port(address);
        }
        return port_num;
    }

    @Override
    protected void setQp(@Nullable IbvQP qp) {
        super.setQp(qp);
    }

    long rawAddress() {
        return address;
    }

    JnrEventChannel channel() {
        return channel;
    }

    @Nullable
    ConnectionParameters request() {
        return request;
    }

    /** Before an attempt to connect: a failure to resolve, which was repaired since, does not count. */
    void expectOutcome() {
        synchronized (outcome) {
            decided = null;
        }
    }

    /** Called for each event by the thread that takes it, before it is handed out. */
    void observe(JnrCmEvent event) {
        if (!event.isFailure() && !event.isEndOfConnecting()) {
            return;
        }
        synchronized (outcome) {
            if (decided == null) {
                decided = event;
            }
            outcome.notifyAll();
        }
    }

    /**
     * Waits until the attempt is decided.
     *
     * @throws IOException if it failed or the time is over
     */
    void awaitOutcome(String attempt, long millis) throws IOException {
        JnrCmEvent event = awaitDecision(attempt, millis);
        if (event.isFailure()) {
            throw new IOException(attempt + " failed [event=" + event.type() + " status=" + event.getStatus() + "]");
        }
    }

    private JnrCmEvent awaitDecision(String attempt, long millis) throws IOException {
        long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
        synchronized (outcome) {
            while (decided == null) {
                long left = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
                if (left <= 0) {
                    throw new IOException(attempt + " had no answer within " + millis + " ms; raise -D"
                            + JnrRdmaProvider.CONNECT_MILLIS + " if the peer is slow");
                }
                waitFor(left, attempt);
            }
            return decided;
        }
    }

    private void waitFor(long millis, String attempt) throws IOException {
        try {
            outcome.wait(millis);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException(attempt + " was interrupted", e);
        }
    }

    @Override
    public String toString() {
        return "JnrCmId[0x" + Long.toHexString(address) + (isOpen ? "]" : " closed]");
    }
}
