package io.finemem.verbs.disni;

import com.ibm.disni.RdmaActiveEndpoint;
import com.ibm.disni.RdmaActiveEndpointGroup;
import com.ibm.disni.verbs.IbvMr;
import com.ibm.disni.verbs.IbvWC;
import com.ibm.disni.verbs.RdmaCmEvent;
import com.ibm.disni.verbs.RdmaCmId;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Endpoint of a DiSNI program: three registered buffers, one receive posted before it connects, completions queued. */
final class ActiveEndpoint extends RdmaActiveEndpoint {
    static final int BYTES = 128;
    static final long RECEIVE_ID = 2001;
    private static final int QUEUE = 512;

    final ByteBuffer data = ByteBuffer.allocateDirect(BYTES);
    final ByteBuffer outgoing = ByteBuffer.allocateDirect(BYTES);
    final ByteBuffer incoming = ByteBuffer.allocateDirect(BYTES);
    private final BlockingQueue<IbvWC> completions = new ArrayBlockingQueue<>(QUEUE);
    private final CountDownLatch disconnected = new CountDownLatch(1);
    IbvMr dataMr;
    IbvMr outgoingMr;
    IbvMr incomingMr;

    ActiveEndpoint(RdmaActiveEndpointGroup<ActiveEndpoint> group, RdmaCmId id, boolean serverSide) throws IOException {
        super(group, id, serverSide);
        access |= IbvMr.IBV_ACCESS_REMOTE_ATOMIC;
    }

    @Override
    protected synchronized void init() throws IOException {
        dataMr = registerMemory(data).execute().free().getMr();
        outgoingMr = registerMemory(outgoing).execute().free().getMr();
        incomingMr = registerMemory(incoming).execute().free().getMr();
        receive();
    }

    void receive() throws IOException {
        postRecv(Messages.receive(RECEIVE_ID, incomingMr)).execute().free();
    }

    @Override
    public void dispatchCqEvent(IbvWC completion) {
        // DiSNI reuses its completions.
        completions.add(completion.clone());
    }

    @Override
    public synchronized void dispatchCmEvent(RdmaCmEvent event) throws IOException {
        super.dispatchCmEvent(event);
        if (event.getEvent() == RdmaCmEvent.EventType.RDMA_CM_EVENT_DISCONNECTED.ordinal()) {
            // The answer: the peer waits for it, and the receives posted here are flushed.
            getIdPriv().disconnect();
            disconnected.countDown();
        }
    }

    boolean awaitDisconnect(long seconds) throws InterruptedException {
        return disconnected.await(seconds, TimeUnit.SECONDS);
    }

    /** The next completion; fails the test if there is none in time. */
    IbvWC completion() throws InterruptedException {
        IbvWC completion = completions.poll(20, TimeUnit.SECONDS);
        if (completion == null) {
            throw new AssertionError("no completion within 20 s");
        }
        return completion;
    }

    /** Gives everything back. */
    void release() throws IOException, InterruptedException {
        close();
        deregisterMemory(dataMr);
        deregisterMemory(outgoingMr);
        deregisterMemory(incomingMr);
    }
}
