package io.finemem.verbs.disni;

import com.ibm.disni.verbs.IbvWC;
import com.ibm.disni.verbs.SVCPollCq;
import io.finemem.verbs.ffi.DeviceOperations;
import io.finemem.verbs.ffi.NativeMemory;
import io.finemem.verbs.ffi.WorkCompletion;
import java.io.IOException;
import java.lang.ref.Reference;
import java.nio.ByteBuffer;

/**
 * Takes completions into the caller's array. All fields are filled, on errors too, so that an error finds its queue pair; of an
 * error only number, status, vendor's code and queue pair mean anything. Executing it makes no garbage.
 *
 * <p><b>Thread-safety.</b> None; the queue must not be destroyed meanwhile.
 */
public final class PollCqCall extends SVCPollCq {
    private static final int FIRST_RECEIVE_OPCODE = IbvWC.IbvWcOpcode.IBV_WC_RECV.getOpcode();

    private final JnrCq queue;
    private final DeviceOperations operations;
    private final IbvWC[] completions;
    private final int limit;
    private final ByteBuffer memory;
    private final long address;
    private int polls;
    private boolean valid = true;

    PollCqCall(JnrCq queue, IbvWC[] completions, int limit) {
        this.queue = queue;
        this.operations = ((JnrContext) queue.getContext()).operations();
        this.completions = completions;
        this.limit = Math.min(limit, completions.length);
        this.memory = ByteBuffer.allocateDirect(Math.max(1, this.limit) * WorkCompletion.BYTES);
        this.address = NativeMemory.addressOf(memory);
    }

    @Override
    public PollCqCall execute() throws IOException {
        if (!valid) {
            throw new IOException("the call was freed");
        }
        polls = 0;
        int count = operations.pollCompletions(queue.address(), limit, address);
        if (count < 0) {
            throw Failures.of("polling the completion queue", count);
        }
        for (int i = 0; i < count; i++) {
            copy(address + (long) i * WorkCompletion.BYTES, completions[i]);
        }
        Reference.reachabilityFence(memory);
        polls = count;
        return this;
    }

    private static void copy(long from, IbvWC to) {
        to.setWr_id(WorkCompletion.id(from));
        to.setStatus(WorkCompletion.status(from));
        to.setOpcode(WorkCompletion.opcode(from));
        to.setVendor_err(WorkCompletion.vendorError(from));
        to.setByte_len(WorkCompletion.byteLength(from));
        to.setImm_data(WorkCompletion.immediate(from));
        to.setQp_num(WorkCompletion.qpNumber(from));
        to.setSrc_qp(WorkCompletion.sourceQp(from));
        to.setWc_flags(WorkCompletion.flags(from));
        to.setPkey_index(WorkCompletion.pkeyIndex(from));
        to.setSlid(WorkCompletion.sourceLid(from));
        to.setSl(WorkCompletion.serviceLevel(from));
        to.setDlid_path_bits(WorkCompletion.pathBits(from));
        to.setSend(WorkCompletion.opcode(from) < FIRST_RECEIVE_OPCODE);
    }

    @Override
    public int getPolls() {
        return polls;
    }

    @Override
    public boolean isValid() {
        return valid;
    }

    @Override
    public PollCqCall free() {
        valid = false;
        return this;
    }
}
