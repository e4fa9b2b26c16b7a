package io.finemem.verbs.disni;

import static org.assertj.core.api.Assertions.assertThat;

import com.ibm.disni.RdmaEndpoint;
import com.ibm.disni.RdmaPassiveEndpointGroup;
import com.ibm.disni.verbs.IbvCQ;
import com.ibm.disni.verbs.IbvMr;
import com.ibm.disni.verbs.IbvWC;
import com.ibm.disni.verbs.RdmaCmEvent;
import com.ibm.disni.verbs.RdmaCmId;
import com.ibm.disni.verbs.SVCPollCq;
import com.ibm.disni.verbs.SVCReqNotify;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.concurrent.TimeUnit;

/** Endpoint of a DiSNI program that polls by itself; it may be the target of atomics. */
final class PassiveEndpoint extends RdmaEndpoint {
    static final int BYTES = 64;
    private static final int EVENT_MILLIS = 20_000;

    final ByteBuffer local = buffer();
    final ByteBuffer remote = buffer();
    IbvMr localMr;
    IbvMr remoteMr;
    private final IbvWC[] completions = {new IbvWC(), new IbvWC(), new IbvWC(), new IbvWC()};
    private SVCPollCq poll;
    private SVCReqNotify notify;

    PassiveEndpoint(RdmaPassiveEndpointGroup<PassiveEndpoint> group, RdmaCmId id, boolean serverSide)
            throws IOException {
        super(group, id, serverSide);
        access |= IbvMr.IBV_ACCESS_REMOTE_ATOMIC;
    }

    private static ByteBuffer buffer() {
        return ByteBuffer.allocateDirect(BYTES).order(ByteOrder.nativeOrder());
    }

    @Override
    protected synchronized void init() throws IOException {
        localMr = registerMemory(local).execute().free().getMr();
        remoteMr = registerMemory(remote).execute().free().getMr();
        IbvCQ queue = getCqProvider().getCQ();
        poll = queue.poll(completions, completions.length);
        notify = queue.reqNotification(false);
    }

    @Override
    public synchronized void dispatchCmEvent(RdmaCmEvent event) throws IOException {
        super.dispatchCmEvent(event);
        if (event.getEvent() == RdmaCmEvent.EventType.RDMA_CM_EVENT_DISCONNECTED.ordinal()) {
            getIdPriv().disconnect();
        }
    }

    /** Polls until there is a completion and asserts that it is a good one of {@code id}. */
    IbvWC pollFor(long id) throws IOException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        while (poll.execute().getPolls() == 0) {
            if (System.nanoTime() > deadline) {
                throw new AssertionError("no completion within 20 s");
            }
            Thread.yield();
        }
        return checked(id);
    }

    /** Asks for an event; completions before that make none. */
    void requestEvent() throws IOException {
        notify.execute();
    }

    /** Waits for the event on the completion channel, then takes the completion. */
    IbvWC eventFor(long id) throws IOException {
        IbvCQ queue = getCqProvider().getCQ();
        assertThat(queue.getChannel().getCqEvent(queue, EVENT_MILLIS)).isTrue();
        queue.ackEvents(1);
        assertThat(poll.execute().getPolls()).isEqualTo(1);
        return checked(id);
    }

    private IbvWC checked(long id) {
        IbvWC completion = completions[0].clone();
        assertThat(completion.getStatus()).isEqualTo(IbvWC.IbvWcStatus.IBV_WC_SUCCESS.ordinal());
        assertThat(completion.getWr_id()).isEqualTo(id);
        return completion;
    }

    /** Gives everything back; DiSNI's passive group leaves the completion queue to the program. */
    void release() throws IOException, InterruptedException {
        close();
        if (getCqProvider() != null) {
            deregisterMemory(localMr);
            deregisterMemory(remoteMr);
            getCqProvider().close();
        }
    }
}
