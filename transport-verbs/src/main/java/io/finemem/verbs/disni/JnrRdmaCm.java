package io.finemem.verbs.disni;

import com.ibm.disni.verbs.IbvPd;
import com.ibm.disni.verbs.IbvQP;
import com.ibm.disni.verbs.IbvQPInitAttr;
import com.ibm.disni.verbs.RdmaCm;
import com.ibm.disni.verbs.RdmaCmEvent;
import com.ibm.disni.verbs.RdmaCmId;
import com.ibm.disni.verbs.RdmaConnParam;
import com.ibm.disni.verbs.RdmaEventChannel;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * DiSNI's connection management on librdmacm.
 *
 * <p>Events are copied and acknowledged inside {@link #getCmEvent}, so an id can be destroyed in a handler. On channels of
 * endpoint groups connect and accept return only when the attempt is decided, at most after {@link
 * JnrRdmaProvider#CONNECT_MILLIS}, and throw if it failed: the endpoints would wait for ever on REJECTED. On all other channels
 * they return at once, as in DiSNI.
 *
 * <p><b>Thread-safety.</b> All methods may be called by any thread; one thread per channel takes events.
 */
public final class JnrRdmaCm extends RdmaCm {
    private final CmCalls calls;
    private final CmEvents events;

    JnrRdmaCm(CmCalls calls, JnrContexts contexts) {
        this.calls = calls;
        this.events = new CmEvents(calls, contexts);
    }

    @Override
    public RdmaEventChannel createEventChannel() throws IOException {
        return calls.createChannel();
    }

    @Override
    public RdmaCmId createId(RdmaEventChannel cmChannel, short portSpace) throws IOException {
        JnrEventChannel channel = channel(cmChannel);
        JnrCmId id = events.newId(channel, calls.createId(channel.address(), portSpace), portSpace);
        channel.add(id);
        return id;
    }

    @Override
    public IbvQP createQP(RdmaCmId cmId, IbvPd pd, IbvQPInitAttr attributes) throws IOException {
        JnrCmId id = id(cmId);
        synchronized (id) {
            JnrQp qp = calls.createQp(id, Handles.own(JnrPd.class, pd, "protection domain"), attributes);
            id.setQp(qp);
            return qp;
        }
    }

    @Override
    public void bindAddr(RdmaCmId cmId, SocketAddress address) throws IOException {
        JnrCmId id = id(cmId);
        synchronized (id) {
            calls.bind(id, inet(address));
        }
    }

    @Override
    public void listen(RdmaCmId cmId, int backlog) throws IOException {
        JnrCmId id = id(cmId);
        synchronized (id) {
            calls.listen(id, backlog);
        }
    }

    @Override
    public void resolveAddr(RdmaCmId cmId, @Nullable SocketAddress source, SocketAddress destination, int timeoutMillis)
            throws IOException {
        JnrCmId id = id(cmId);
        synchronized (id) {
            calls.resolveAddress(id, source == null ? null : inet(source), inet(destination), timeoutMillis);
        }
    }

    @Override
    public void resolveRoute(RdmaCmId cmId, int timeoutMillis) throws IOException {
        JnrCmId id = id(cmId);
        synchronized (id) {
            calls.resolveRoute(id, timeoutMillis);
        }
    }

    /** The next event, or null if there was none within the time; a negative time means for ever. */
    @Override
    public @Nullable RdmaCmEvent getCmEvent(RdmaEventChannel cmChannel, int timeoutMillis) throws IOException {
        return events.next(channel(cmChannel), timeoutMillis);
    }

    @Override
    public void connect(RdmaCmId cmId, RdmaConnParam parameters) throws IOException {
        JnrCmId id = id(cmId);
        id.expectOutcome();
        synchronized (id) {
            calls.connect(id, parameters);
        }
        awaitOutcomeForEndpoint(id, "connect");
    }

    @Override
    public void accept(RdmaCmId cmId, RdmaConnParam parameters) throws IOException {
        JnrCmId id = id(cmId);
        synchronized (id) {
            calls.accept(id, parameters);
        }
        awaitOutcomeForEndpoint(id, "accept");
    }

    /**
     * Refuses a CONNECT_REQUEST, which DiSNI cannot; the peer gets REJECTED with the bytes between position and limit.
     *
     * @param privateData at most 148 bytes
     */
    public void reject(RdmaCmId cmId, ByteBuffer privateData) throws IOException {
        JnrCmId id = id(cmId);
        synchronized (id) {
            calls.reject(id, privateData);
        }
    }

    /** Does nothing and gives 0: {@link #getCmEvent} has acknowledged. */
    @Override
    public int ackCmEvent(RdmaCmEvent event) {
        return 0;
    }

    /** 0, or -1 if the id is not connected (any more). */
    @Override
    public int disconnect(RdmaCmId cmId) throws IOException {
        JnrCmId id = id(cmId);
        synchronized (id) {
            return calls.disconnect(id);
        }
    }

    /** Destroys what ids the channel still has, then the channel: an id must not outlive it. */
    @Override
    public int destroyEventChannel(RdmaEventChannel cmChannel) throws IOException {
        JnrEventChannel channel = channel(cmChannel);
        channel.address();
        for (JnrCmId id : channel.remainingIds()) {
            destroyCmId(id);
        }
        channel.close();
        calls.destroyChannel(channel.rawAddress());
        return 0;
    }

    /** Destroys the id, and its queue pair if that was not done before: nobody could reach it any more. */
    @Override
    public int destroyCmId(RdmaCmId cmId) throws IOException {
        JnrCmId id = id(cmId);
        synchronized (id) {
            long address = id.address();
            destroyQP(id);
            id.close();
            id.channel().remove(id);
            return calls.destroyId(address);
        }
    }

    /** Destroys the id's queue pair; 0 also if there is none, as after a failure to resolve. */
    @Override
    public int destroyQP(RdmaCmId cmId) throws IOException {
        JnrCmId id = id(cmId);
        synchronized (id) {
            IbvQP qp = id.getQp();
            if (qp != null && qp.isOpen()) {
                qp.close();
                calls.destroyQp(id);
            }
            return 0;
        }
    }

    /** The local address, or null if the id is not bound. */
    @Override
    public @Nullable SocketAddress getSrcAddr(RdmaCmId cmId) throws IOException {
        JnrCmId id = id(cmId);
        synchronized (id) {
            return calls.sourceAddress(id);
        }
    }

    /** The peer's address, or null if there is none. */
    @Override
    public @Nullable SocketAddress getDstAddr(RdmaCmId cmId) throws IOException {
        JnrCmId id = id(cmId);
        synchronized (id) {
            return calls.destinationAddress(id);
        }
    }

    /** As {@link #destroyCmId}. */
    @Override
    public int destroyEp(RdmaCmId cmId) throws IOException {
        return destroyCmId(cmId);
    }

    private static void awaitOutcomeForEndpoint(JnrCmId id, String attempt) throws IOException {
        JnrEventChannel channel = id.channel();
        if (channel.servesEndpoints() && !channel.isPolledByThisThread()) {
            id.awaitOutcome(attempt, JnrRdmaProvider.connectMillis());
        }
    }

    private static JnrCmId id(RdmaCmId id) throws IOException {
        return Handles.own(JnrCmId.class, id, "connection id");
    }

    private static JnrEventChannel channel(RdmaEventChannel channel) throws IOException {
        return Handles.own(JnrEventChannel.class, channel, "event channel");
    }

    private static InetSocketAddress inet(SocketAddress address) throws IOException {
        if (address instanceof InetSocketAddress) {
            return (InetSocketAddress) address;
        }
        throw new IOException("not an address of IPv4 or IPv6: " + address);
    }
}
