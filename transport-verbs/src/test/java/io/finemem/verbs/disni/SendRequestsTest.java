package io.finemem.verbs.disni;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.ibm.disni.verbs.IbvRecvWR;
import com.ibm.disni.verbs.IbvSendWR;
import com.ibm.disni.verbs.IbvSge;
import com.ibm.disni.verbs.SVCPostSend;
import io.finemem.verbs.ffi.NativeMemory;
import java.io.IOException;
import java.util.HexFormat;
import java.util.LinkedList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Golden bytes of work requests, little-endian; pointers are compared apart. */
class SendRequestsTest {
    private static final long ADDRESS = 0x1122334455667788L;
    private static final int RKEY = 0xaabbccdd;
    private static final int WR_BYTES = 128;
    private static final int RECV_BYTES = 32;
    private static final String PADDING = "00".repeat(48);

    @Test
    void writeHasRemoteAddressAndKeyAtTheTransferOffsets() throws IOException {
        IbvSendWR write = transfer(IbvSendWR.IBV_WR_RDMA_WRITE);
        write.setSend_flags(IbvSendWR.IBV_SEND_SIGNALED);

        assertThat(hex(SendRequests.serialise(List.of(write))))
                .isEqualTo("0807060504030201" + "0".repeat(32) + "00000000" + "00000000" + "02000000" + "efbe0000"
                        + "8877665544332211" + "ddccbbaa" + "00000000" + "00".repeat(24) + PADDING);
    }

    @Test
    void compareAndSwapHasItsOperandsAndTheKeyAtTheAtomicOffset() throws IOException {
        assertThat(hex(SendRequests.serialise(List.of(atomic(IbvSendWR.IBV_WR_ATOMIC_CMP_AND_SWP)))))
                .isEqualTo("0807060504030201" + "0".repeat(32) + "00000000" + "05000000" + "00000000" + "00000000"
                        + "8877665544332211" + "0900000000000000" + "ffffffffffffffff" + "ddccbbaa" + "00000000"
                        + "0000000000000000" + PADDING);
    }

    @Test
    void fetchAndAddHasItsAddendInTheFirstOperand() throws IOException {
        assertThat(hex(SendRequests.serialise(List.of(atomic(IbvSendWR.IBV_WR_ATOMIC_FETCH_AND_ADD)))))
                .startsWith("0807060504030201" + "0".repeat(32) + "00000000" + "06000000")
                .contains("8877665544332211" + "0900000000000000");
    }

    @Test
    void localInvalidateHasTheKeyInPlaceOfImmediateData() throws IOException {
        assertThat(hex(SendRequests.serialise(List.of(ExtendedSendWR.localInvalidate(RKEY)))))
                .isEqualTo(
                        "0".repeat(48) + "00000000" + "07000000" + "00000000" + "ddccbbaa" + "00".repeat(40) + PADDING);
    }

    @Test
    void chainIsLinkedInOrderAndEachRequestHasItsOwnRanges() throws IOException {
        IbvSendWR first = atomic(IbvSendWR.IBV_WR_ATOMIC_CMP_AND_SWP);
        first.setSg_list(ranges(1));
        IbvSendWR second = transfer(IbvSendWR.IBV_WR_RDMA_READ);
        second.setSg_list(ranges(3));
        IbvSendWR third = transfer(IbvSendWR.IBV_WR_RDMA_WRITE);

        WorkRequestMemory memory = SendRequests.serialise(List.of(first, second, third));

        assertThat(pointer(memory.request(0) + 8)).isEqualTo(memory.request(1));
        assertThat(pointer(memory.request(1) + 8)).isEqualTo(memory.request(2));
        assertThat(pointer(memory.request(2) + 8)).isZero();
        long firstRanges = pointer(memory.request(0) + 16);
        assertThat(firstRanges).isEqualTo(memory.request(3));
        assertThat(pointer(memory.request(1) + 16)).isEqualTo(firstRanges + 16);
        assertThat(pointer(memory.request(2) + 16)).isZero();
        assertThat(hex(firstRanges, 16)).isEqualTo("0010000000000000" + "08000000" + "2a000000");
        assertThat(hex(firstRanges + 48, 16)).isEqualTo("0210000000000000" + "0a000000" + "2c000000");
        assertThat(NativeMemory.getInt(memory.request(1) + 24)).isEqualTo(3);
    }

    @Test
    void receiveRequestsAreLinkedWithTheirRanges() throws IOException {
        IbvRecvWR first = new IbvRecvWR();
        first.setWr_id(7);
        first.setSg_list(ranges(2));
        IbvRecvWR second = new IbvRecvWR();
        second.setWr_id(8);

        WorkRequestMemory memory = ReceiveRequests.serialise(List.of(first, second));

        assertThat(memory.request(1) - memory.request(0)).isEqualTo(RECV_BYTES);
        assertThat(NativeMemory.getLong(memory.request(0))).isEqualTo(7);
        assertThat(pointer(memory.request(0) + 8)).isEqualTo(memory.request(1));
        assertThat(pointer(memory.request(0) + 16)).isEqualTo(memory.request(2));
        assertThat(NativeMemory.getInt(memory.request(0) + 24)).isEqualTo(2);
        assertThat(hex(memory.request(1), RECV_BYTES)).isEqualTo("0800000000000000" + "00".repeat(24));
    }

    @Test
    void requestThatSaysMoreRangesThanItHasIsRefused() {
        IbvSendWR send = transfer(IbvSendWR.IBV_WR_SEND);
        send.setNum_sge(1);

        assertThatThrownBy(() -> SendRequests.serialise(List.of(send)))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("num_sge=1")
                .hasMessageContaining("0 elements");
    }

    @Test
    void emptyListIsRefused() {
        assertThatThrownBy(() -> SendRequests.serialise(List.of())).hasMessageContaining("empty");
        assertThatThrownBy(() -> ReceiveRequests.serialise(List.of())).hasMessageContaining("empty");
    }

    @Test
    void bindOpcodeWithoutAWindowIsRefusedBecauseItWouldEndTheProcess() {
        IbvSendWR bind = transfer(ExtendedSendWR.IBV_WR_BIND_MW);

        assertThatThrownBy(() -> SendRequests.serialise(List.of(bind)))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("window bind");
    }

    @Test
    void modificationOfATransferChangesOnlyItsOwnFields() throws IOException {
        IbvSendWR read = transfer(IbvSendWR.IBV_WR_RDMA_READ);
        read.setSg_list(ranges(2));
        WorkRequestMemory memory = SendRequests.serialise(List.of(read));
        SendRequestMod mod = new SendRequestMod(memory, memory.request(0));

        mod.setWr_id(5);
        mod.setSend_flags(3);
        mod.getRdmaMod().setRemote_addr(0x10);
        mod.getRdmaMod().setRkey(0x20);
        mod.getSgeMod(1).setAddr(0x30);
        mod.getSgeMod(1).setLength(0x40);
        mod.getSgeMod(1).setLkey(0x50);

        assertThat(mod.getWr_id()).isEqualTo(5);
        assertThat(mod.getSend_flags()).isEqualTo(3);
        assertThat(mod.getOpcode()).isEqualTo(IbvSendWR.IBV_WR_RDMA_READ);
        assertThat(mod.getNum_sge()).isEqualTo(2);
        assertThat(hex(memory.request(0) + 40, 16)).isEqualTo("1000000000000000" + "20000000" + "00000000");
        assertThat(hex(memory.request(1), 32))
                .isEqualTo("0010000000000000" + "08000000" + "2a000000" + "3000000000000000" + "40000000" + "50000000");
        SVCPostSend.SgeMod untouched = mod.getSgeMod(0);
        assertThat(untouched.getAddr()).isEqualTo(0x1000);
        assertThat(untouched.getLength()).isEqualTo(8);
        assertThat(untouched.getLkey()).isEqualTo(42);
    }

    @Test
    void modificationOfAnAtomicGoesToTheAtomicOffsets() throws IOException {
        WorkRequestMemory memory = SendRequests.serialise(List.of(atomic(IbvSendWR.IBV_WR_ATOMIC_CMP_AND_SWP)));
        SendRequestMod mod = new SendRequestMod(memory, memory.request(0));

        mod.getRdmaMod().setRemote_addr(0x10);
        mod.getRdmaMod().setRkey(0x20);
        mod.setOperands(0x30, 0x40);

        assertThat(mod.getRdmaMod().getRkey()).isEqualTo(0x20);
        assertThat(hex(memory.request(0) + 40, 32))
                .isEqualTo("1000000000000000" + "3000000000000000" + "4000000000000000" + "20000000" + "00000000");
    }

    @Test
    void operandsOfATransferAreRefused() throws IOException {
        WorkRequestMemory memory = SendRequests.serialise(List.of(transfer(IbvSendWR.IBV_WR_RDMA_READ)));
        SendRequestMod mod = new SendRequestMod(memory, memory.request(0));

        assertThatThrownBy(() -> mod.setOperands(1, 2)).isInstanceOf(IllegalStateException.class);
    }

    private static IbvSendWR transfer(int opcode) {
        IbvSendWR request = new IbvSendWR();
        request.setWr_id(0x0102030405060708L);
        request.setOpcode(opcode);
        request.setImm_data(0xbeef);
        request.getRdma().setRemote_addr(ADDRESS);
        request.getRdma().setRkey(RKEY);
        return request;
    }

    private static IbvSendWR atomic(int opcode) {
        IbvSendWR request = new IbvSendWR();
        request.setWr_id(0x0102030405060708L);
        request.setOpcode(opcode);
        request.getAtomic().setRemote_addr(ADDRESS);
        request.getAtomic().setRkey(RKEY);
        request.getAtomic().setCompare_add(9);
        request.getAtomic().setSwap(-1);
        return request;
    }

    private static LinkedList<IbvSge> ranges(int count) {
        LinkedList<IbvSge> ranges = new LinkedList<>();
        for (int i = 0; i < count; i++) {
            IbvSge range = new IbvSge();
            range.setAddr(0x1000 + i);
            range.setLength(8 + i);
            range.setLkey(42 + i);
            ranges.add(range);
        }
        return ranges;
    }

    private static long pointer(long address) {
        return NativeMemory.getLong(address);
    }

    private static String hex(WorkRequestMemory memory) {
        return hex(memory.request(0), WR_BYTES);
    }

    private static String hex(long address, int length) {
        byte[] bytes = new byte[length];
        NativeMemory.get(address, bytes, 0, length);
        return HexFormat.of().formatHex(bytes);
    }
}
