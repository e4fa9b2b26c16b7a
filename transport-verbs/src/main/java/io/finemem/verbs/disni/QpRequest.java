package io.finemem.verbs.disni;

import com.ibm.disni.verbs.IbvQPCap;
import com.ibm.disni.verbs.IbvQPInitAttr;
import io.finemem.verbs.ffi.QpFields;
import io.finemem.verbs.ffi.QpInitAttributes;
import io.finemem.verbs.ffi.Scratch;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** DiSNI's wishes for a queue pair in native form, for the call that makes it. */
final class QpRequest implements AutoCloseable {
    /** libdisni ignores the ranges asked for and always gives this many; programs rely on it. */
    private static final int MIN_ENTRIES = 4;

    private final JnrPd pd;
    private final IbvQPInitAttr attributes;
    private final Scratch struct;

    QpRequest(JnrPd pd, IbvQPInitAttr attributes) throws IOException {
        this.pd = pd;
        this.attributes = attributes;
        long sendCq = Handles.own(JnrCq.class, attributes.getSend_cq(), "send completion queue")
                .address();
        long receiveCq = Handles.own(JnrCq.class, attributes.getRecv_cq(), "receive completion queue")
                .address();
        int limit = ((JnrContext) pd.getContext()).limits().entries();
        IbvQPCap cap = attributes.cap();
        struct = new Scratch(QpInitAttributes.BYTES);
        QpInitAttributes.setQueues(address(), sendCq, receiveCq);
        QpInitAttributes.setSharedQueue(address(), attributes.getSrq());
        QpInitAttributes.setSendCapacity(
                address(), cap.getMax_send_wr(), entries(cap.getMax_send_sge(), limit), cap.getMax_inline_data());
        QpInitAttributes.setReceiveCapacity(address(), cap.getMax_recv_wr(), entries(cap.getMax_recv_sge(), limit));
        QpInitAttributes.setType(address(), attributes.getQp_type(), attributes.getSq_sig_all() != 0);
    }

    private static int entries(int wanted, int limit) {
        return Math.max(wanted, Math.min(MIN_ENTRIES, limit));
    }

    /** The {@code struct ibv_qp_init_attr}. */
    long address() {
        return struct.address();
    }

    /** The handle for the queue pair that was made. */
    JnrQp handle(long qp, @Nullable JnrCmId id) throws IOException {
        return new JnrQp(qp, QpFields.number(qp), QpFields.handle(qp), pd, attributes, id);
    }

    @Override
    public void close() {
        struct.close();
    }
}
