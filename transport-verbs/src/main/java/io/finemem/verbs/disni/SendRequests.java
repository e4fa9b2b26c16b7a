package io.finemem.verbs.disni;

import com.ibm.disni.verbs.IbvSendWR;
import io.finemem.verbs.ffi.SendWorkRequest;
import java.io.IOException;
import java.util.List;

/** Turns DiSNI's send requests into one linked list of {@code struct ibv_send_wr}: one doorbell posts them all. */
final class SendRequests {
    private SendRequests() {}

    /** @throws IOException if the list is empty or a request says more ranges than it has */
    static WorkRequestMemory serialise(List<IbvSendWR> requests) throws IOException {
        if (requests.isEmpty()) {
            throw new IOException("the list of send requests is empty");
        }
        int entries = 0;
        for (IbvSendWR request : requests) {
            entries += Handles.entries(request.getNum_sge(), request.getSg_list());
        }
        WorkRequestMemory memory = new WorkRequestMemory(requests.size(), SendWorkRequest.BYTES, entries);
        int index = 0;
        for (IbvSendWR request : requests) {
            write(memory, index, request);
            if (++index < requests.size()) {
                SendWorkRequest.setNext(memory.request(index - 1), memory.request(index));
            }
        }
        return memory;
    }

    private static void write(WorkRequestMemory memory, int index, IbvSendWR request) throws IOException {
        long struct = memory.request(index);
        SendWorkRequest.setId(struct, request.getWr_id());
        SendWorkRequest.setOpcode(struct, request.getOpcode());
        SendWorkRequest.setFlags(struct, request.getSend_flags());
        SendWorkRequest.setImmediate(struct, request.getImm_data());
        int entries = request.getNum_sge();
        if (entries > 0) {
            SendWorkRequest.setScatterGather(struct, memory.addEntries(request.getSg_list(), entries), entries);
        }
        switch (request.getOpcode()) {
            case SendWorkRequest.COMPARE_AND_SWAP, SendWorkRequest.FETCH_ADD ->
                writeAtomic(struct, request.getAtomic());
            case SendWorkRequest.BIND_WINDOW -> binding(request).writeBinding(struct);
            default -> writeTransfer(struct, request.getRdma());
        }
    }

    private static void writeAtomic(long struct, IbvSendWR.Atomic atomic) {
        SendWorkRequest.setAtomic(
                struct, atomic.getRemote_addr(), atomic.getRkey(), atomic.getCompare_add(), atomic.getSwap());
    }

    private static void writeTransfer(long struct, IbvSendWR.Rdma rdma) {
        SendWorkRequest.setRemote(struct, rdma.getRemote_addr(), rdma.getRkey());
    }

    /** A bind without its window would make the device's library follow null pointers. */
    private static ExtendedSendWR binding(IbvSendWR request) throws IOException {
        return Handles.own(ExtendedSendWR.class, request, "request with the opcode of a window bind");
    }
}
