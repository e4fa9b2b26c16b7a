package io.finemem.verbs.disni;

import com.ibm.disni.verbs.IbvRecvWR;
import io.finemem.verbs.ffi.ReceiveWorkRequest;
import java.io.IOException;
import java.util.List;

/** Turns DiSNI's receive requests into one linked list of {@code struct ibv_recv_wr}. */
final class ReceiveRequests {
    private ReceiveRequests() {}

    /** @throws IOException if the list is empty or a request says more ranges than it has */
    static WorkRequestMemory serialise(List<IbvRecvWR> requests) throws IOException {
        if (requests.isEmpty()) {
            throw new IOException("the list of receive requests is empty");
        }
        int entries = 0;
        for (IbvRecvWR request : requests) {
            entries += Handles.entries(request.getNum_sge(), request.getSg_list());
        }
        WorkRequestMemory memory = new WorkRequestMemory(requests.size(), ReceiveWorkRequest.BYTES, entries);
        int index = 0;
        for (IbvRecvWR request : requests) {
            int count = request.getNum_sge();
            long list = count == 0 ? 0 : memory.addEntries(request.getSg_list(), count);
            long next = index + 1 < requests.size() ? memory.request(index + 1) : 0;
            ReceiveWorkRequest.set(memory.request(index), request.getWr_id(), next, list, count);
            index++;
        }
        return memory;
    }
}
