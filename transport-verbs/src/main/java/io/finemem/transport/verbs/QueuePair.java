package io.finemem.transport.verbs;

import com.ibm.disni.verbs.IbvGlobalRoute;
import com.ibm.disni.verbs.IbvPd;
import com.ibm.disni.verbs.IbvQP;
import com.ibm.disni.verbs.IbvQPInitAttr;
import io.finemem.api.ProtocolViolation;
import io.finemem.verbs.disni.JnrCq;
import io.finemem.verbs.disni.JnrQp;
import io.finemem.verbs.disni.JnrQpAttr;
import java.io.IOException;
import java.security.SecureRandom;

/**
 * A reliable queue pair with a completion queue of its own: made in INIT, connected out of band, put into ERROR,
 * destroyed.
 *
 * <p><b>Thread-safety.</b> {@link #toError} may be called by any thread at any time before {@link #destroy}; the rest
 * by one.
 */
final class QueuePair {
    /**
     * A peer's queue pair is always ready, as one-sided operations need no receive requests; codes of the
     * specification.
     */
    private static final int MIN_RNR_TIMER = 12;

    private static final int RNR_RETRY_FOR_EVER = 7;
    private static final int HOP_LIMIT = 64;
    private static final int PSN_BITS = 24;
    private static final SecureRandom RANDOM = new SecureRandom();

    private final VerbsDevice device;
    private final JnrCq queue;
    private final JnrQp qp;
    private final int inlineBytes;
    private final int psn = RANDOM.nextInt(1 << PSN_BITS);

    private QueuePair(VerbsDevice device, JnrCq queue, JnrQp qp, int inlineBytes) {
        this.device = device;
        this.queue = queue;
        this.qp = qp;
        this.inlineBytes = inlineBytes;
    }

    /**
     * Makes one in INIT.
     *
     * @param depth requests in flight
     * @param access what the peer may do
     */
    static QueuePair create(VerbsDevice device, IbvPd pd, int depth, int access) {
        JnrCq queue = device.createCompletionQueue(depth);
        try {
            QueuePair made = createOn(queue, device, pd, depth);
            made.toInit(access);
            return made;
        } catch (RuntimeException e) {
            device.destroyCompletionQueue(queue);
            throw e;
        }
    }

    /** Words are written inline if the device can; whether it can, only the attempt tells. */
    private static QueuePair createOn(JnrCq queue, VerbsDevice device, IbvPd pd, int depth) {
        IbvQPInitAttr attributes = new IbvQPInitAttr();
        attributes.setSend_cq(queue);
        attributes.setRecv_cq(queue);
        attributes.setQp_type(IbvQP.IBV_QPT_RC);
        attributes.cap().setMax_send_wr(depth);
        attributes.cap().setMax_send_sge(1);
        attributes.cap().setMax_recv_wr(1);
        attributes.cap().setMax_recv_sge(1);
        attributes.cap().setMax_inline_data(Long.BYTES);
        try {
            return new QueuePair(device, queue, device.createQueuePair(pd, attributes), Long.BYTES);
        } catch (IOException inlineRefused) {
            attributes.cap().setMax_inline_data(0);
            return createWithoutInline(queue, device, pd, attributes, inlineRefused);
        }
    }

    private static QueuePair createWithoutInline(
            JnrCq queue, VerbsDevice device, IbvPd pd, IbvQPInitAttr attributes, IOException inlineRefused) {
        try {
            return new QueuePair(device, queue, device.createQueuePair(pd, attributes), 0);
        } catch (IOException e) {
            e.addSuppressed(inlineRefused);
            throw DeviceErrors.refused("a queue pair", device.name(), e);
        }
    }

    private void toInit(int access) {
        JnrQpAttr init = state(IbvQP.IBV_QPS_INIT, JnrQpAttr.TO_INIT);
        init.setPort_num((byte) port());
        init.setQp_access_flags(access);
        try {
            device.modifyQueuePair(qp, init);
        } catch (IOException e) {
            device.destroyQueuePair(qp);
            throw DeviceErrors.refused("a queue pair's initial state", device.name(), e);
        }
    }

    ConnectionDescriptor descriptor() {
        Endpoint endpoint = device.endpoint();
        try {
            return new ConnectionDescriptor(
                    endpoint.port().isEthernet(),
                    qp.getQp_num(),
                    psn,
                    device.limits().lid(),
                    device.mtuCode(),
                    device.readsIn(),
                    endpoint.gid().bytes());
        } catch (IOException e) {
            throw DeviceErrors.refused("to tell a queue pair's number", device.name(), e);
        }
    }

    /** INIT to ready-to-send. */
    void connect(ConnectionDescriptor peer, String peerName) {
        if (peer.ethernet() != device.endpoint().port().isEthernet()) {
            throw new ProtocolViolation(
                    "the peer's device is on another kind of network",
                    "own",
                    device.endpoint().port().linkLayer());
        }
        try {
            device.modifyQueuePair(qp, readyToReceive(peer));
            device.modifyQueuePair(qp, readyToSend(peer));
        } catch (IOException e) {
            throw DeviceErrors.notConnected(device.name(), peerName, e);
        }
    }

    private JnrQpAttr readyToReceive(ConnectionDescriptor peer) {
        JnrQpAttr receive = state(IbvQP.IBV_QPS_RTR, JnrQpAttr.TO_READY_TO_RECEIVE);
        receive.setPath_mtu(Math.min(peer.mtuCode(), device.mtuCode()));
        receive.setDest_qp_num(peer.queuePair());
        receive.setRq_psn(peer.psn());
        receive.setMax_dest_rd_atomic((byte) device.readsIn());
        receive.setMin_rnr_timer((byte) MIN_RNR_TIMER);
        receive.getAh_attr().setPort_num((byte) port());
        receive.getAh_attr().setDlid((short) peer.lid());
        receive.getAh_attr().setIs_global((byte) 1);
        IbvGlobalRoute route = receive.getAh_attr().getGrh();
        route.setDgid(peer.gid());
        route.setSgid_index((byte) device.endpoint().gid().index());
        route.setHop_limit((byte) HOP_LIMIT);
        route.setTraffic_class((byte) device.settings().trafficClass());
        return receive;
    }

    private JnrQpAttr readyToSend(ConnectionDescriptor peer) {
        JnrQpAttr send = state(IbvQP.IBV_QPS_RTS, JnrQpAttr.TO_READY_TO_SEND);
        send.setSq_psn(psn);
        send.setMax_rd_atomic((byte) Math.min(device.readsOut(), peer.readsIn()));
        send.setTimeout((byte) device.settings().timeout());
        send.setRetry_cnt((byte) device.settings().retryCount());
        send.setRnr_retry((byte) RNR_RETRY_FOR_EVER);
        return send;
    }

    /** Nothing of either side executes afterwards; requests in flight end flushed. May be repeated. */
    void toError() {
        try {
            device.modifyQueuePair(qp, state(IbvQP.IBV_QPS_ERR, JnrQpAttr.STATE));
        } catch (IOException e) {
            throw DeviceErrors.refused("to stop a queue pair", device.name(), e);
        }
    }

    void destroy() {
        device.destroyQueuePair(qp);
        device.destroyCompletionQueue(queue);
    }

    /** The {@code ibv_qp*}. */
    long address() {
        return VerbsDevice.address(qp::address);
    }

    /** The {@code ibv_cq*}. */
    long completionQueue() {
        return VerbsDevice.address(queue::address);
    }

    int inlineBytes() {
        return inlineBytes;
    }

    private int port() {
        return device.endpoint().port().number();
    }

    private static JnrQpAttr state(int state, int mask) {
        JnrQpAttr attributes = new JnrQpAttr();
        attributes.setQp_state(state);
        attributes.setQpAttrMask(mask);
        return attributes;
    }
}
