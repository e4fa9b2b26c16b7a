package io.finemem.verbs.disni;

import static org.assertj.core.api.Assertions.assertThat;

import com.ibm.disni.verbs.IbvCQ;
import com.ibm.disni.verbs.IbvCompChannel;
import com.ibm.disni.verbs.IbvContext;
import com.ibm.disni.verbs.IbvMr;
import com.ibm.disni.verbs.IbvPd;
import com.ibm.disni.verbs.IbvQP;
import com.ibm.disni.verbs.IbvQPInitAttr;
import com.ibm.disni.verbs.RdmaCm;
import com.ibm.disni.verbs.RdmaCmEvent.EventType;
import com.ibm.disni.verbs.RdmaCmId;
import com.ibm.disni.verbs.RdmaConnParam;
import com.ibm.disni.verbs.RdmaEventChannel;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;

/**
 * A DiSNI program without groups: it takes the events by itself, one side after the other in one thread. Ends are closed in
 * the order in which DiSNI's groups do it, channel before completion queue.
 */
final class RawConnection {
    static final int BYTES = 256;
    private static final int EVENT_MILLIS = 20_000;
    private static final int RESOLVE_MILLIS = 5_000;

    final Side server;
    final Side client;
    private final RdmaCmId listener;

    /** An end. */
    static final class Side {
        final RdmaEventChannel events = RdmaEventChannel.createEventChannel();
        final ByteBuffer memory = ByteBuffer.allocateDirect(BYTES);
        RdmaCmId id;
        IbvPd pd;
        IbvCompChannel completions;
        IbvCQ queue;
        IbvQP qp;
        IbvMr mr;

        Side() throws java.io.IOException {}

        JnrCmEvent expect(EventType type) throws java.io.IOException {
            JnrCmEvent event = (JnrCmEvent) events.getCmEvent(EVENT_MILLIS);
            assertThat(event).as("event %s", type).isNotNull();
            event.ackEvent();
            assertThat(event.type()).isEqualTo(type);
            return event;
        }

        void allocate() throws java.io.IOException {
            IbvContext context = id.getVerbs();
            pd = context.allocPd();
            completions = context.createCompChannel();
            queue = context.createCQ(completions, 32, 0);
            IbvQPInitAttr attributes = new IbvQPInitAttr();
            attributes.cap().setMax_send_wr(8);
            attributes.cap().setMax_recv_wr(8);
            attributes.setQp_type(IbvQP.IBV_QPT_RC);
            attributes.setSend_cq(queue);
            attributes.setRecv_cq(queue);
            qp = id.createQP(pd, attributes);
            int access = IbvMr.IBV_ACCESS_LOCAL_WRITE | IbvMr.IBV_ACCESS_REMOTE_READ | IbvMr.IBV_ACCESS_REMOTE_WRITE;
            mr = pd.regMr(memory, access).execute().free().getMr();
        }

        void close() throws Exception {
            if (qp != null) {
                id.destroyQP();
                mr.deregMr().execute().free();
                assertThat(completions.destroyCompChannel()).isZero();
                assertThat(queue.destroyCQ()).isZero();
                assertThat(pd.deallocPd()).isZero();
            }
            if (id != null) {
                assertThat(id.destroyId()).isZero();
            }
            assertThat(events.destroyEventChannel()).isZero();
        }
    }

    /** Ready to connect: the server listens, the client has its route and its queue pair. */
    RawConnection() throws Exception {
        server = new Side();
        listener = server.events.createId(RdmaCm.RDMA_PS_TCP);
        listener.bindAddr(new InetSocketAddress(RxeDevice.find().address(), 0));
        listener.listen(1);
        client = new Side();
        client.id = client.events.createId(RdmaCm.RDMA_PS_TCP);
        client.id.resolveAddr(null, listener.getSource(), RESOLVE_MILLIS);
        client.expect(EventType.RDMA_CM_EVENT_ADDR_RESOLVED);
        client.id.resolveRoute(RESOLVE_MILLIS);
        client.expect(EventType.RDMA_CM_EVENT_ROUTE_RESOLVED);
        client.allocate();
    }

    /** Returns the server's CONNECT_REQUEST; its id is the server's. */
    JnrCmEvent request(RdmaConnParam parameters) throws Exception {
        client.id.connect(parameters);
        JnrCmEvent request = server.expect(EventType.RDMA_CM_EVENT_CONNECT_REQUEST);
        assertThat(request.getListenIdPriv()).isSameAs(listener);
        server.id = request.getConnIdPriv();
        return request;
    }

    /** Returns the client's ESTABLISHED. */
    JnrCmEvent accept(RdmaConnParam parameters) throws Exception {
        server.allocate();
        server.id.accept(parameters);
        JnrCmEvent established = client.expect(EventType.RDMA_CM_EVENT_ESTABLISHED);
        server.expect(EventType.RDMA_CM_EVENT_ESTABLISHED);
        return established;
    }

    void close() throws Exception {
        client.close();
        closeServer();
    }

    void closeServer() throws Exception {
        listener.destroyId();
        server.close();
    }
}
