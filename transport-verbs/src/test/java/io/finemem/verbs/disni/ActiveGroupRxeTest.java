package io.finemem.verbs.disni;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.ibm.disni.verbs.IbvSendWR;
import com.ibm.disni.verbs.IbvWC;
import com.ibm.disni.verbs.RdmaCm;
import com.ibm.disni.verbs.RdmaCmId;
import com.ibm.disni.verbs.RdmaEventChannel;
import com.ibm.disni.verbs.SVCPostRecv;
import com.ibm.disni.verbs.SVCPostSend;
import io.finemem.verbs.disni.ActivePair.Connected;
import java.io.IOException;
import java.net.InetSocketAddress;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A DiSNI program with active endpoint groups: completions are dispatched by DiSNI's threads. */
@RequiresRxe
@Timeout(120)
class ActiveGroupRxeTest {
    private static final int SUCCESS = IbvWC.IbvWcStatus.IBV_WC_SUCCESS.ordinal();
    private static final int REMOTE_ACCESS_ERROR = IbvWC.IbvWcStatus.IBV_WC_REM_ACCESS_ERR.ordinal();
    private static final int RESOLVE_MILLIS = 5_000;

    private ActivePair pair;

    @BeforeEach
    void listen() throws Exception {
        JnrRdmaProvider.install();
        pair = new ActivePair();
    }

    @AfterEach
    void close() throws Exception {
        System.clearProperty(JnrRdmaProvider.CONNECT_MILLIS);
        pair.close();
    }

    @Test
    void messagesGoBackAndForthThroughTheSameCalls() throws Exception {
        Connected ends = pair.connect();
        SVCPostSend ask = ends.client().postSend(Messages.send(1, ends.client().outgoingMr));
        SVCPostSend answer = ends.server().postSend(Messages.send(2, ends.server().outgoingMr));
        SVCPostRecv again =
                ends.client().postRecv(Messages.receive(ActiveEndpoint.RECEIVE_ID, ends.client().incomingMr));

        for (int round = 0; round < 20; round++) {
            ends.client().outgoing.putInt(0, round);
            ask.execute();
            assertCompletes(ends.client(), 1);
            assertCompletes(ends.server(), ActiveEndpoint.RECEIVE_ID);
            ends.server().outgoing.putInt(0, ends.server().incoming.getInt(0) + 1000);
            ends.server().receive();
            answer.execute();
            assertCompletes(ends.server(), 2);
            assertCompletes(ends.client(), ActiveEndpoint.RECEIVE_ID);
            assertThat(ends.client().incoming.getInt(0)).isEqualTo(round + 1000);
            again.execute();
        }
    }

    @Test
    void oneSidedWriteAndReadNeedNothingOfThePeer() throws Exception {
        Connected ends = pair.connect();
        ActiveEndpoint client = ends.client();
        long remote = ends.server().dataMr.getAddr();
        int rkey = ends.server().dataMr.getRkey();
        client.outgoing.putLong(0, 0x1234567890abcdefL).putLong(ActiveEndpoint.BYTES - 8, 77);

        client.postSend(Messages.transfer(IbvSendWR.IBV_WR_RDMA_WRITE, 3, client.outgoingMr, remote, rkey))
                .execute()
                .free();
        assertCompletes(client, 3);
        client.postSend(Messages.transfer(IbvSendWR.IBV_WR_RDMA_READ, 4, client.dataMr, remote, rkey))
                .execute()
                .free();
        assertCompletes(client, 4);

        assertThat(ends.server().data).isEqualTo(client.outgoing);
        assertThat(client.data).isEqualTo(client.outgoing);
    }

    @Test
    void errorReachesItsOwnEndpointAndLeavesOthersAlone() throws Exception {
        Connected good = pair.connect();
        Connected bad = pair.connect();
        int noKey = good.server().dataMr.getRkey() ^ 0x00ffff00;

        bad.client()
                .postSend(Messages.transfer(
                        IbvSendWR.IBV_WR_RDMA_READ,
                        5,
                        bad.client().dataMr,
                        bad.server().dataMr.getAddr(),
                        noKey))
                .execute()
                .free();

        IbvWC error = bad.client().completion();
        assertThat(error.getWr_id()).isEqualTo(5);
        assertThat(error.getStatus()).isEqualTo(REMOTE_ACCESS_ERROR);
        assertThat(error.getQp_num()).isEqualTo(bad.client().getQp().getQp_num());
        good.client()
                .postSend(Messages.send(6, good.client().outgoingMr))
                .execute()
                .free();
        assertCompletes(good.client(), 6);
        assertCompletes(good.server(), ActiveEndpoint.RECEIVE_ID);
    }

    @Test
    void peerSeesTheDisconnectAndItsReceivesAreFlushed() throws Exception {
        Connected ends = pair.connect();
        assertThat(ends.client().isConnected()).isTrue();
        assertThat(ends.server().isConnected()).isTrue();

        ends.client().close();

        assertThat(ends.server().awaitDisconnect(20)).isTrue();
        IbvWC flushed = ends.server().completion();
        assertThat(flushed.getWr_id()).isEqualTo(ActiveEndpoint.RECEIVE_ID);
        assertThat(flushed.getStatus()).isEqualTo(IbvWC.IbvWcStatus.IBV_WC_WR_FLUSH_ERR.ordinal());
        assertThat(ends.server().isClosed()).isTrue();
    }

    @Test
    void connectToAPortWhereNobodyListensFails() throws Exception {
        InetSocketAddress nobody = new InetSocketAddress(RxeDevice.find().address(), 1);
        ActiveEndpoint client = pair.clients.createEndpoint();

        assertThatThrownBy(() -> client.connect(nobody, RESOLVE_MILLIS))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("connect failed")
                .hasMessageContaining("REJECTED");
        client.release();
    }

    @Test
    void connectThatIsNeverAnsweredEndsAfterTheLimit() throws Exception {
        System.setProperty(JnrRdmaProvider.CONNECT_MILLIS, "300");
        RdmaEventChannel channel = RdmaEventChannel.createEventChannel();
        RdmaCmId silent = channel.createId(RdmaCm.RDMA_PS_TCP);
        silent.bindAddr(new InetSocketAddress(RxeDevice.find().address(), 0));
        silent.listen(1);
        ActiveEndpoint client = pair.clients.createEndpoint();

        assertThatThrownBy(() -> client.connect(silent.getSource(), RESOLVE_MILLIS))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("300 ms")
                .hasMessageContaining(JnrRdmaProvider.CONNECT_MILLIS);
        client.release();
        silent.destroyId();
        channel.destroyEventChannel();
    }

    private static void assertCompletes(ActiveEndpoint endpoint, long id) throws InterruptedException {
        IbvWC completion = endpoint.completion();
        assertThat(completion.getStatus()).isEqualTo(SUCCESS);
        assertThat(completion.getWr_id()).isEqualTo(id);
        assertThat(completion.isSend()).isEqualTo(id != ActiveEndpoint.RECEIVE_ID);
    }
}
