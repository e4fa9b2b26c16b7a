package io.finemem.verbs.disni;

import com.ibm.disni.verbs.IbvAhAttr;
import com.ibm.disni.verbs.IbvGlobalRoute;
import com.ibm.disni.verbs.IbvQPInitAttr;
import com.ibm.disni.verbs.IbvQpAttr;
import io.finemem.verbs.ffi.LibIbverbs;
import io.finemem.verbs.ffi.QpAttributes;
import io.finemem.verbs.ffi.QpInitAttributes;
import io.finemem.verbs.ffi.Scratch;
import java.io.IOException;

/** Queue pairs without a connection id. */
final class QueuePairCalls {
    private final LibIbverbs library;

    QueuePairCalls(LibIbverbs library) {
        this.library = library;
    }

    JnrQp create(JnrPd pd, IbvQPInitAttr attributes) throws IOException {
        try (QpRequest request = new QpRequest(pd, attributes)) {
            long qp = Failures.checkPointer("ibv_create_qp", library.ibv_create_qp(pd.address(), request.address()));
            return request.handle(qp, null);
        }
    }

    void modify(JnrQp qp, IbvQpAttr attributes) throws IOException {
        try (Scratch struct = new Scratch(QpAttributes.BYTES)) {
            write(struct.address(), attributes);
            synchronized (qp) {
                int errno = library.ibv_modify_qp(qp.address(), struct.address(), attributes.getQpAttrMask());
                Failures.check("ibv_modify_qp to state " + attributes.getQp_state(), errno);
                qp.state(attributes.getQp_state());
            }
        }
    }

    /** Writes all that any of the masks names; the mask chooses. The state goes last: the groups set their own. */
    private static void write(long struct, IbvQpAttr from) {
        IbvAhAttr vector = from.getAh_attr();
        IbvGlobalRoute route = vector.getGrh();
        QpAttributes.setInit(struct, from.getPort_num(), from.getQp_access_flags());
        QpAttributes.setPartitionKeyIndex(struct, from.getPkey_index());
        QpAttributes.setReadyToReceive(
                struct,
                from.getPath_mtu(),
                from.getDest_qp_num(),
                from.getRq_psn(),
                from.getMax_dest_rd_atomic(),
                from.getMin_rnr_timer());
        QpAttributes.setLocalRoute(struct, vector.getPort_num(), vector.getDlid());
        if (vector.getIs_global() != 0) {
            QpAttributes.setGlobalRoute(struct, route.getDgid(), route.getSgid_index(), route.getHop_limit());
            QpAttributes.setTrafficClass(struct, route.getTraffic_class());
        }
        QpAttributes.setReadyToSend(
                struct,
                from.getSq_psn(),
                from.getMax_rd_atomic(),
                from.getTimeout(),
                from.getRetry_cnt(),
                from.getRnr_retry());
        QpAttributes.setState(struct, from.getQp_state());
    }

    int queryState(JnrQp qp) throws IOException {
        try (Scratch attributes = new Scratch(QpAttributes.BYTES);
                Scratch creation = new Scratch(QpInitAttributes.BYTES)) {
            synchronized (qp) {
                int errno = library.ibv_query_qp(
                        qp.address(), attributes.address(), QpAttributes.MASK_STATE, creation.address());
                Failures.check("ibv_query_qp", errno);
                qp.state(QpAttributes.state(attributes.address()));
                return qp.getState();
            }
        }
    }

    void destroy(JnrQp qp) throws IOException {
        if (qp.id() != null) {
            throw new IOException("the queue pair belongs to " + qp.id() + "; destroy it by its id");
        }
        synchronized (qp) {
            Failures.check("ibv_destroy_qp", library.ibv_destroy_qp(qp.address()));
            qp.close();
        }
    }
}
