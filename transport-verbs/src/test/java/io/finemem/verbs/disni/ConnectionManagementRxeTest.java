package io.finemem.verbs.disni;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.ibm.disni.verbs.IbvSendWR;
import com.ibm.disni.verbs.IbvWC;
import com.ibm.disni.verbs.RdmaCm;
import com.ibm.disni.verbs.RdmaCmEvent.EventType;
import com.ibm.disni.verbs.RdmaCmId;
import com.ibm.disni.verbs.RdmaConnParam;
import com.ibm.disni.verbs.RdmaEventChannel;
import com.ibm.disni.verbs.SVCPollCq;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Connection ids and events without groups. */
@RequiresRxe
@Timeout(120)
class ConnectionManagementRxeTest {

    @BeforeEach
    void install() {
        JnrRdmaProvider.install();
    }

    @Test
    void privateDataAndDepthsArriveOnBothSides() throws Exception {
        RawConnection connection = new RawConnection();
        ConnectionParameters asked = new ConnectionParameters().privateData(bytes(1, 2, 3));
        asked.setInitiator_depth((byte) 3);
        asked.setResponder_resources((byte) 5);

        ConnectionParameters request = connection.request(asked).getConn();
        ConnectionParameters answer = connection
                .accept(new ConnectionParameters().privateData(bytes(9, 8)))
                .getConn();

        assertThat(request.privateData().slice(0, 4)).isEqualTo(bytes(1, 2, 3, 0));
        assertThat(request.getPrivate_data()).isNotZero();
        assertThat(request.getPrivate_data_len() & 0xff).isEqualTo(ConnectionParameters.MAX_CONNECT_DATA);
        assertThat(request.getResponder_resources()).isEqualTo((byte) 3);
        assertThat(request.getInitiator_depth()).isEqualTo((byte) 5);
        assertThat(answer.privateData().slice(0, 3)).isEqualTo(bytes(9, 8, 0));
        connection.close();
    }

    @Test
    void plainParametersConnectWithTheFixedDepth() throws Exception {
        RawConnection connection = new RawConnection();

        ConnectionParameters request = connection.request(new RdmaConnParam()).getConn();
        connection.accept(new RdmaConnParam());

        assertThat(request.getResponder_resources()).isEqualTo((byte) ConnectionParameters.DEPTH);
        assertThat(request.getInitiator_depth()).isEqualTo((byte) ConnectionParameters.DEPTH);
        assertThat(connection.server.id.getDestination()).isEqualTo(connection.client.id.getSource());
        assertThat(connection.client.id.getDestination()).isEqualTo(connection.server.id.getSource());
        assertThat(connection.server.id.getVerbs()).isSameAs(connection.client.id.getVerbs());
        assertThat(connection.client.id.getPort_num()).isEqualTo((byte) 1);
        connection.close();
    }

    @Test
    void rejectionReachesTheClientWithItsReasonAndData() throws Exception {
        RawConnection connection = new RawConnection();
        connection.request(new RdmaConnParam());

        JnrRdmaProvider.install().openCm().reject(connection.server.id, bytes(4, 5));

        JnrCmEvent rejected = connection.client.expect(EventType.RDMA_CM_EVENT_REJECTED);
        assertThat(rejected.getStatus()).isNotZero();
        assertThat(rejected.getConn().privateData().slice(0, 3)).isEqualTo(bytes(4, 5, 0));
        assertThat(rejected.getConnIdPriv()).isSameAs(connection.client.id);
        // No event follows as in a group: the program has its own way to see failures.
        assertThat(connection.client.events.getCmEvent(50)).isNull();
        connection.close();
    }

    @Test
    void disconnectIsSeenOnBothSidesAndFlushesWhatIsPosted() throws Exception {
        RawConnection connection = new RawConnection();
        connection.request(new RdmaConnParam());
        connection.accept(new RdmaConnParam());
        connection
                .server
                .qp
                .postRecv(Messages.receive(6, connection.server.mr), null)
                .execute()
                .free();

        assertThat(connection.client.id.disconnect()).isZero();
        connection.server.expect(EventType.RDMA_CM_EVENT_DISCONNECTED);
        connection.server.id.disconnect();
        connection.client.expect(EventType.RDMA_CM_EVENT_DISCONNECTED);

        IbvWC[] completions = {new IbvWC()};
        SVCPollCq poll = connection.server.queue.poll(completions, 1);
        assertThat(poll.execute().getPolls()).isEqualTo(1);
        assertThat(completions[0].getStatus()).isEqualTo(IbvWC.IbvWcStatus.IBV_WC_WR_FLUSH_ERR.ordinal());
        assertThat(completions[0].getQp_num()).isEqualTo(connection.server.qp.getQp_num());
        connection.close();
    }

    @Test
    void eventsThatWereNeverAcknowledgedDoNotBlockTheEnd() throws Exception {
        RawConnection connection = new RawConnection();
        connection.request(new RdmaConnParam());
        connection.accept(new RdmaConnParam());
        RawConnection.Side client = connection.client;
        client.queue.reqNotification(false).execute().free();
        client.qp
                .postSend(
                        Messages.transfer(
                                IbvSendWR.IBV_WR_RDMA_WRITE,
                                7,
                                client.mr,
                                connection.server.mr.getAddr(),
                                connection.server.mr.getRkey()),
                        null)
                .execute()
                .free();
        assertThat(client.completions.getCqEvent(client.queue, 20_000)).isTrue();

        connection.close();
    }

    @Test
    void idTakesItsQueuePairWithIt() throws Exception {
        RawConnection connection = new RawConnection();

        assertThat(connection.client.id.destroyEp()).isZero();

        assertThat(connection.client.qp.isOpen()).isFalse();
        assertThat(connection.client.id.destroyQP()).isZero();
        assertThatThrownBy(() -> connection.client.id.destroyId()).hasMessageContaining("closed");
        connection.client.mr.deregMr().execute().free();
        assertThat(connection.client.queue.destroyCQ()).isZero();
        assertThat(connection.client.pd.deallocPd()).isZero();
        connection.closeServer();
    }

    @Test
    void channelTakesItsIdsWithIt() throws Exception {
        RdmaEventChannel channel = RdmaEventChannel.createEventChannel();
        RdmaCmId forgotten = channel.createId(RdmaCm.RDMA_PS_TCP);

        channel.destroyEventChannel();

        assertThat(forgotten.isOpen()).isFalse();
        assertThatThrownBy(() -> forgotten.listen(1))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("closed");
        assertThatThrownBy(() -> channel.createId(RdmaCm.RDMA_PS_TCP)).hasMessageContaining("closed");
    }

    @Test
    void portInUseIsNamed() throws Exception {
        RdmaEventChannel channel = RdmaEventChannel.createEventChannel();
        RdmaCmId first = channel.createId(RdmaCm.RDMA_PS_TCP);
        first.bindAddr(new InetSocketAddress(RxeDevice.find().address(), 0));
        first.listen(1);
        RdmaCmId second = channel.createId(RdmaCm.RDMA_PS_TCP);

        assertThatThrownBy(() -> second.bindAddr(first.getSource()))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("rdma_bind_addr to " + first.getSource())
                .hasMessageContaining("in use");

        channel.destroyEventChannel();
    }

    @Test
    void manyConnectionsLeaveNoDescriptorBehind() throws Exception {
        connectAndClose();
        long before = descriptors();

        for (int i = 0; i < 5; i++) {
            connectAndClose();
        }

        assertThat(descriptors()).isEqualTo(before);
    }

    private static void connectAndClose() throws Exception {
        RawConnection connection = new RawConnection();
        connection.request(new RdmaConnParam());
        connection.accept(new RdmaConnParam());
        connection.close();
    }

    private static long descriptors() throws IOException {
        try (Stream<Path> open = Files.list(Path.of("/proc/self/fd"))) {
            return open.count();
        }
    }

    private static ByteBuffer bytes(int... values) {
        ByteBuffer bytes = ByteBuffer.allocate(values.length);
        for (int value : values) {
            bytes.put((byte) value);
        }
        return bytes.flip();
    }
}
