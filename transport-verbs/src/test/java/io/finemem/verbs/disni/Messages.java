package io.finemem.verbs.disni;

import com.ibm.disni.verbs.IbvMr;
import com.ibm.disni.verbs.IbvRecvWR;
import com.ibm.disni.verbs.IbvSendWR;
import com.ibm.disni.verbs.IbvSge;
import java.util.LinkedList;
import java.util.List;

/** Work requests as DiSNI programs write them. */
final class Messages {
    private Messages() {}

    static List<IbvRecvWR> receive(long id, IbvMr into) {
        IbvRecvWR request = new IbvRecvWR();
        request.setWr_id(id);
        request.setSg_list(all(into));
        return new LinkedList<>(List.of(request));
    }

    static List<IbvSendWR> send(long id, IbvMr from) {
        return new LinkedList<>(List.of(request(id, IbvSendWR.IBV_WR_SEND, from)));
    }

    static List<IbvSendWR> transfer(int opcode, long id, IbvMr local, long remote, int rkey) {
        IbvSendWR request = request(id, opcode, local);
        request.getRdma().setRemote_addr(remote);
        request.getRdma().setRkey(rkey);
        return new LinkedList<>(List.of(request));
    }

    /** A signalled request on the whole of a region. */
    static IbvSendWR request(long id, int opcode, IbvMr local) {
        IbvSendWR request = new IbvSendWR();
        request.setWr_id(id);
        request.setOpcode(opcode);
        request.setSend_flags(IbvSendWR.IBV_SEND_SIGNALED);
        request.setSg_list(all(local));
        return request;
    }

    static LinkedList<IbvSge> all(IbvMr region) {
        return range(region, 0, region.getLength());
    }

    static LinkedList<IbvSge> range(IbvMr region, int offset, int length) {
        IbvSge range = new IbvSge();
        range.setAddr(region.getAddr() + offset);
        range.setLength(length);
        range.setLkey(region.getLkey());
        return new LinkedList<>(List.of(range));
    }
}
