package io.finemem.transport.verbs;

import io.finemem.api.ProtocolViolation;
import io.finemem.verbs.ffi.Errno;
import io.finemem.verbs.ffi.NativeBlock;
import io.finemem.verbs.ffi.QpAttributes;
import io.finemem.verbs.ffi.QpFields;
import io.finemem.verbs.ffi.QpInitAttributes;
import java.security.SecureRandom;

/**
 * A reliable queue pair with a completion queue of its own: made in INIT, connected out of band, put into ERROR, destroyed.
 *
 * <p><b>Thread-safety.</b> {@link #toError} may be called by any thread at any time before {@link #destroy}; the rest by one.
 */
final class QueuePair {
    /** A peer's queue pair is always ready, as one-sided operations need no receive requests; codes of the specification. */
    private static final int MIN_RNR_TIMER = 12;

    private static final int RNR_RETRY_FOR_EVER = 7;
    private static final int HOP_LIMIT = 64;
    private static final int PSN_BITS = 24;
    private static final SecureRandom RANDOM = new SecureRandom();

    private final VerbsDevice device;
    private final long completionQueue;
    private final long address;
    private final int inlineBytes;
    private final int psn = RANDOM.nextInt(1 << PSN_BITS);

    private QueuePair(VerbsDevice device, long completionQueue, long address, int inlineBytes) {
        this.device = device;
        this.completionQueue = completionQueue;
        this.address = address;
        this.inlineBytes = inlineBytes;
    }

    /**
     * Makes one in INIT.
     *
     * @param depth requests in flight
     * @param access what the peer may do
     */
    static QueuePair create(VerbsDevice device, long pd, int depth, int access) {
        long cq = device.createCompletionQueue(depth);
        try {
            QueuePair made = createOn(cq, device, pd, depth);
            made.toInit(access);
            return made;
        } catch (RuntimeException e) {
            device.destroyCompletionQueue(cq);
            throw e;
        }
    }

    private static QueuePair createOn(long cq, VerbsDevice device, long pd, int depth) {
        try (NativeBlock attributes = NativeBlock.of(QpInitAttributes.BYTES)) {
            long init = attributes.address();
            QpInitAttributes.setQueues(init, cq, cq);
            QpInitAttributes.setType(init, QpInitAttributes.RELIABLE_CONNECTION, false);
            long qp = request(device, pd, init, depth, Long.BYTES);
            if (qp == 0) {
                qp = request(device, pd, init, depth, 0);
            }
            if (qp == 0) {
                throw DeviceErrors.refused("a queue pair", device.name(), Errno.last());
            }
            return new QueuePair(device, cq, qp, QpInitAttributes.maxInline(init));
        }
    }

    private static long request(VerbsDevice device, long pd, long init, int depth, int inlineBytes) {
        QpInitAttributes.setSendCapacity(init, depth, 1, inlineBytes);
        QpInitAttributes.setReceiveCapacity(init, 1, 1);
        return device.library().ibv_create_qp(pd, init);
    }

    private void toInit(int access) {
        try (NativeBlock attributes = NativeBlock.of(QpAttributes.BYTES)) {
            QpAttributes.setInit(attributes.address(), port(), access);
            int error = modify(attributes, QpAttributes.MASK_INIT);
            if (error != 0) {
                device.library().ibv_destroy_qp(address);
                throw DeviceErrors.refused("a queue pair's initial state", device.name(), error);
            }
        }
    }

    ConnectionDescriptor descriptor() {
        Endpoint endpoint = device.endpoint();
        return new ConnectionDescriptor(
                endpoint.port().isEthernet(),
                QpFields.number(address),
                psn,
                device.limits().lid(),
                device.mtuCode(),
                device.readsIn(),
                endpoint.gid().bytes());
    }

    /** INIT to ready-to-send. */
    void connect(ConnectionDescriptor peer, String peerName) {
        Endpoint endpoint = device.endpoint();
        if (peer.ethernet() != endpoint.port().isEthernet()) {
            throw new ProtocolViolation(
                    "the peer's device is on another kind of network",
                    "own",
                    endpoint.port().linkLayer());
        }
        try (NativeBlock attributes = NativeBlock.of(QpAttributes.BYTES)) {
            long receive = attributes.address();
            int mtu = Math.min(peer.mtuCode(), device.mtuCode());
            QpAttributes.setReadyToReceive(receive, mtu, peer.queuePair(), peer.psn(), device.readsIn(), MIN_RNR_TIMER);
            QpAttributes.setLocalRoute(receive, port(), peer.lid());
            QpAttributes.setGlobalRoute(receive, peer.gid(), endpoint.gid().index(), HOP_LIMIT);
            QpAttributes.setTrafficClass(receive, device.settings().trafficClass());
            require(modify(attributes, QpAttributes.MASK_READY_TO_RECEIVE), peerName);
        }
        try (NativeBlock attributes = NativeBlock.of(QpAttributes.BYTES)) {
            VerbsSettings settings = device.settings();
            QpAttributes.setReadyToSend(
                    attributes.address(),
                    psn,
                    Math.min(device.readsOut(), peer.readsIn()),
                    settings.timeout(),
                    settings.retryCount(),
                    RNR_RETRY_FOR_EVER);
            require(modify(attributes, QpAttributes.MASK_READY_TO_SEND), peerName);
        }
    }

    /** Nothing of either side executes afterwards; requests in flight end flushed. May be repeated. */
    void toError() {
        try (NativeBlock attributes = NativeBlock.of(QpAttributes.BYTES)) {
            QpAttributes.setState(attributes.address(), QpAttributes.STATE_ERROR);
            int error = modify(attributes, QpAttributes.MASK_STATE);
            if (error != 0) {
                throw DeviceErrors.refused("to stop a queue pair", device.name(), error);
            }
        }
    }

    void destroy() {
        int error = device.library().ibv_destroy_qp(address);
        if (error != 0) {
            throw DeviceErrors.refused("to destroy a queue pair", device.name(), error);
        }
        device.destroyCompletionQueue(completionQueue);
    }

    long address() {
        return address;
    }

    long completionQueue() {
        return completionQueue;
    }

    int inlineBytes() {
        return inlineBytes;
    }

    private int port() {
        return device.endpoint().port().number();
    }

    private int modify(NativeBlock attributes, int mask) {
        return device.library().ibv_modify_qp(address, attributes.address(), mask);
    }

    private void require(int error, String peerName) {
        if (error != 0) {
            throw DeviceErrors.notConnected(device.name(), peerName, error);
        }
    }
}
