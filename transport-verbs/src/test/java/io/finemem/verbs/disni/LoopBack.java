package io.finemem.verbs.disni;

import static org.assertj.core.api.Assertions.assertThat;

import com.ibm.disni.verbs.IbvMr;
import com.ibm.disni.verbs.IbvQP;
import com.ibm.disni.verbs.IbvQPInitAttr;
import com.ibm.disni.verbs.IbvSendWR;
import com.ibm.disni.verbs.IbvWC;
import com.ibm.disni.verbs.SVCPollCq;
import io.finemem.verbs.ffi.NativeMemory;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A queue pair connected to itself by the extensions alone: device by name, no connection id. */
final class LoopBack {
    static final int BYTES = 4096;
    static final int ACCESS = IbvMr.IBV_ACCESS_LOCAL_WRITE
            | IbvMr.IBV_ACCESS_REMOTE_WRITE
            | IbvMr.IBV_ACCESS_REMOTE_READ
            | IbvMr.IBV_ACCESS_REMOTE_ATOMIC
            | IbvMr.IBV_ACCESS_MW_BIND;
    private static final byte DEPTH = 16;
    private static final byte MTU_1024 = 3;
    private static final byte HOPS = 64;
    private static final byte TIMEOUT = 14;
    private static final byte RETRIES = 7;
    private static final byte RNR_TIMER = 12;

    final VerbsExtensions verbs;
    final JnrContext device;
    final JnrPd pd;
    final JnrCq queue;
    final JnrQp qp;
    final long memory = NativeMemory.allocate(2 * BYTES);
    final JnrMr target;
    final JnrMr local;
    private final IbvWC[] completions = {new IbvWC()};
    final SVCPollCq poll;

    LoopBack() throws IOException {
        RxeDevice rxe = RxeDevice.find();
        verbs = JnrRdmaProvider.install().extensions();
        assertThat(verbs.deviceNames()).contains(rxe.name());
        device = verbs.openDevice(rxe.name());
        pd = verbs.allocPd(device);
        queue = verbs.createCq(device, 64);
        qp = verbs.createQp(pd, creation());
        connect(rxe);
        target = verbs.regMemory(pd, memory, BYTES, ACCESS);
        local = verbs.regMemory(pd, memory + BYTES, BYTES, ACCESS);
        poll = queue.poll(completions, 1);
    }

    private IbvQPInitAttr creation() {
        IbvQPInitAttr attributes = new IbvQPInitAttr();
        attributes.cap().setMax_send_wr(32);
        attributes.cap().setMax_recv_wr(8);
        attributes.setQp_type(IbvQP.IBV_QPT_RC);
        attributes.setSend_cq(queue);
        attributes.setRecv_cq(queue);
        return attributes;
    }

    /** From RESET to RTS, also after an error. */
    void connect(RxeDevice rxe) throws IOException {
        JnrQpAttr attributes = new JnrQpAttr();
        attributes.setPort_num((byte) 1);
        attributes.setQp_access_flags(ACCESS & ~IbvMr.IBV_ACCESS_MW_BIND);
        attributes.setPath_mtu(MTU_1024);
        attributes.setDest_qp_num(qp.getQp_num());
        attributes.setMax_dest_rd_atomic(DEPTH);
        attributes.setMax_rd_atomic(DEPTH);
        attributes.setMin_rnr_timer(RNR_TIMER);
        attributes.setTimeout(TIMEOUT);
        attributes.setRetry_cnt(RETRIES);
        attributes.setRnr_retry(RETRIES);
        attributes.getAh_attr().setPort_num((byte) 1);
        attributes.getAh_attr().setIs_global((byte) 1);
        attributes.getAh_attr().getGrh().setDgid(rxe.gid());
        attributes.getAh_attr().getGrh().setSgid_index((byte) rxe.gidIndex());
        attributes.getAh_attr().getGrh().setHop_limit(HOPS);
        move(attributes, IbvQP.IBV_QPS_RESET, JnrQpAttr.STATE);
        move(attributes, IbvQP.IBV_QPS_INIT, JnrQpAttr.TO_INIT);
        move(attributes, IbvQP.IBV_QPS_RTR, JnrQpAttr.TO_READY_TO_RECEIVE);
        move(attributes, IbvQP.IBV_QPS_RTS, JnrQpAttr.TO_READY_TO_SEND);
    }

    private void move(JnrQpAttr attributes, int state, int mask) throws IOException {
        attributes.setQp_state(state);
        attributes.setQpAttrMask(mask);
        verbs.modifyQp(qp, attributes);
        assertThat(verbs.queryQpState(qp)).isEqualTo(state);
    }

    /** A request of 8 bytes between the start of the local region and {@code offset} of the target. */
    IbvSendWR word(int opcode, int offset, int rkey) {
        IbvSendWR request = Messages.request(opcode, opcode, local);
        request.setSg_list(Messages.range(local, 0, Long.BYTES));
        request.getRdma().setRemote_addr(memory + offset);
        request.getRdma().setRkey(rkey);
        return request;
    }

    /** Posts a chain whose last request is signalled and returns the status of the first completion. */
    int post(IbvSendWR... chain) throws IOException {
        for (int i = 0; i + 1 < chain.length; i++) {
            chain[i].setSend_flags(0);
        }
        qp.postSend(List.of(chain), null).execute().free();
        return status();
    }

    int status() throws IOException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        while (poll.execute().getPolls() == 0) {
            if (System.nanoTime() > deadline) {
                throw new AssertionError("no completion within 20 s");
            }
            Thread.yield();
        }
        assertThat(completions[0].getQp_num()).isEqualTo(qp.getQp_num());
        return completions[0].getStatus();
    }

    long localWord() {
        return NativeMemory.getLong(memory + BYTES);
    }

    void close() throws IOException {
        verbs.destroyQp(qp);
        verbs.deregMemory(target);
        verbs.deregMemory(local);
        assertThat(verbs.destroyCQ(queue)).isZero();
        assertThat(verbs.deallocPd(pd)).isZero();
        verbs.closeDevice(device);
        NativeMemory.free(memory);
    }
}
