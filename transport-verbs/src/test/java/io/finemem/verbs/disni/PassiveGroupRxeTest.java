package io.finemem.verbs.disni;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.ibm.disni.RdmaPassiveEndpointGroup;
import com.ibm.disni.RdmaServerEndpoint;
import com.ibm.disni.verbs.IbvSendWR;
import com.ibm.disni.verbs.IbvWC;
import com.ibm.disni.verbs.SVCPostSend;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.util.LinkedList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A DiSNI program with passive endpoint groups: it polls, or waits for completion events, by itself. */
@RequiresRxe
@Timeout(120)
class PassiveGroupRxeTest {
    private RdmaPassiveEndpointGroup<PassiveEndpoint> servers;
    private RdmaPassiveEndpointGroup<PassiveEndpoint> clients;
    private RdmaServerEndpoint<PassiveEndpoint> listener;
    private PassiveEndpoint client;
    private PassiveEndpoint server;

    @BeforeEach
    void connect() throws Exception {
        JnrRdmaProvider.install();
        servers = group();
        clients = group();
        listener = servers.createServerEndpoint();
        listener.bind(new InetSocketAddress(RxeDevice.find().address(), 0), 1);
        CompletableFuture<PassiveEndpoint> accepted = CompletableFuture.supplyAsync(this::accept);
        client = clients.createEndpoint();
        client.connect(listener.getSrcAddr(), 5_000);
        server = accepted.get(20, TimeUnit.SECONDS);
    }

    @AfterEach
    void close() throws Exception {
        client.release();
        server.release();
        clients.close();
        listener.close();
        servers.close();
    }

    @Test
    void sendAndReceiveByPolling() throws Exception {
        server.postRecv(Messages.receive(1, server.localMr)).execute().free();
        client.local.putLong(0, 42);

        client.postSend(Messages.send(2, client.localMr)).execute().free();

        assertThat(client.pollFor(2).isSend()).isTrue();
        IbvWC received = server.pollFor(1);
        assertThat(received.isSend()).isFalse();
        assertThat(received.getByte_len()).isEqualTo(PassiveEndpoint.BYTES);
        assertThat(received.getOpcode()).isEqualTo(IbvWC.IbvWcOpcode.IBV_WC_RECV.getOpcode());
        assertThat(server.local.getLong(0)).isEqualTo(42);
    }

    @Test
    void completionEventsWakeBothSides() throws Exception {
        server.postRecv(Messages.receive(3, server.localMr)).execute().free();
        for (int round = 0; round < 3; round++) {
            client.requestEvent();
            server.requestEvent();
            client.postSend(Messages.send(4, client.localMr)).execute().free();
            client.eventFor(4);
            server.eventFor(3);
            server.postRecv(Messages.receive(3, server.localMr)).execute().free();
        }
    }

    @Test
    void withoutACompletionTheWaitForAnEventEndsInTime() throws Exception {
        client.requestEvent();

        assertThat(client.getCqProvider()
                        .getCQ()
                        .getChannel()
                        .getCqEvent(client.getCqProvider().getCQ(), 50))
                .isFalse();
    }

    @Test
    void compareAndSwapAndFetchAndAddGoThroughDisnisOwnRequests() throws Exception {
        server.remote.putLong(8, 5);

        assertThat(atomic(IbvSendWR.IBV_WR_ATOMIC_CMP_AND_SWP, 5, 9)).isEqualTo(5);
        assertThat(server.remote.getLong(8)).isEqualTo(9);
        assertThat(atomic(IbvSendWR.IBV_WR_ATOMIC_CMP_AND_SWP, 5, 1)).isEqualTo(9);
        assertThat(server.remote.getLong(8)).isEqualTo(9);
        assertThat(atomic(IbvSendWR.IBV_WR_ATOMIC_FETCH_AND_ADD, -10, 0)).isEqualTo(9);
        assertThat(server.remote.getLong(8)).isEqualTo(-1);
    }

    @Test
    void chainOfAtomicReadAndWriteExecutesInOrderWithOneCompletion() throws Exception {
        server.remote.putLong(8, 1).putLong(16, 0);
        client.local.putLong(24, 77);
        IbvSendWR add = atomicRequest(10, IbvSendWR.IBV_WR_ATOMIC_FETCH_AND_ADD, 6, 0);
        add.setSend_flags(0);
        IbvSendWR write = Messages.request(11, IbvSendWR.IBV_WR_RDMA_WRITE, client.localMr);
        write.setSend_flags(0);
        write.setSg_list(Messages.range(client.localMr, 24, 8));
        write.getRdma().setRemote_addr(server.remoteMr.getAddr() + 16);
        write.getRdma().setRkey(server.remoteMr.getRkey());
        IbvSendWR read = Messages.request(12, IbvSendWR.IBV_WR_RDMA_READ, client.remoteMr);
        read.getRdma().setRemote_addr(server.remoteMr.getAddr());
        read.getRdma().setRkey(server.remoteMr.getRkey());

        client.postSend(new LinkedList<>(List.of(add, write, read))).execute().free();

        client.pollFor(12);
        assertThat(client.local.getLong(0)).isEqualTo(1);
        assertThat(client.remote.getLong(8)).isEqualTo(7);
        assertThat(client.remote.getLong(16)).isEqualTo(77);
    }

    @Test
    void serialisedAtomicIsChangedInPlaceBetweenPosts() throws Exception {
        server.remote.putLong(8, 0);
        PostSendCall call =
                (PostSendCall) client.postSend(List.of(atomicRequest(13, IbvSendWR.IBV_WR_ATOMIC_CMP_AND_SWP, 0, 1)));
        for (long value = 0; value < 10; value++) {
            call.getWrMod(0).setOperands(value, value + 1);
            call.execute();
            client.pollFor(13);
            assertThat(client.local.getLong(0)).isEqualTo(value);
        }
        assertThat(server.remote.getLong(8)).isEqualTo(10);
    }

    @Test
    void freedCallAndClosedQueuePairAreRefusedInsteadOfCrashing() throws Exception {
        SVCPostSend freed = client.postSend(Messages.send(1, client.localMr)).free();
        SVCPostSend call = client.postSend(Messages.send(1, client.localMr));
        assertThat(freed.isValid()).isFalse();
        assertThatThrownBy(freed::execute).isInstanceOf(IOException.class).hasMessageContaining("freed");

        client.close();

        assertThatThrownBy(call::execute).isInstanceOf(IOException.class).hasMessageContaining("queue pair is closed");
        assertThatThrownBy(() -> client.getSrcAddr()).hasMessageContaining("connection id is closed");
    }

    @Test
    void connectToAnAddressWithoutRouteFailsInTime() throws Exception {
        PassiveEndpoint lost = clients.createEndpoint();

        assertThatThrownBy(() -> lost.connect(new InetSocketAddress("203.0.113.77", 7000), 500))
                .isInstanceOf(IOException.class);
        lost.release();
    }

    private long atomic(int opcode, long compareOrAdd, long swap) throws IOException {
        client.postSend(List.of(atomicRequest(14, opcode, compareOrAdd, swap)))
                .execute()
                .free();
        client.pollFor(14);
        return client.local.getLong(0);
    }

    private IbvSendWR atomicRequest(long id, int opcode, long compareOrAdd, long swap) {
        IbvSendWR request = Messages.request(id, opcode, client.localMr);
        request.setSg_list(Messages.range(client.localMr, 0, Long.BYTES));
        request.getAtomic().setRemote_addr(server.remoteMr.getAddr() + 8);
        request.getAtomic().setRkey(server.remoteMr.getRkey());
        request.getAtomic().setCompare_add(compareOrAdd);
        request.getAtomic().setSwap(swap);
        return request;
    }

    private PassiveEndpoint accept() {
        try {
            return listener.accept();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static RdmaPassiveEndpointGroup<PassiveEndpoint> group() throws IOException {
        RdmaPassiveEndpointGroup<PassiveEndpoint> group = new RdmaPassiveEndpointGroup<>(50, 16, 4, 32);
        group.init((id, serverSide) -> new PassiveEndpoint(group, id, serverSide));
        return group;
    }
}
