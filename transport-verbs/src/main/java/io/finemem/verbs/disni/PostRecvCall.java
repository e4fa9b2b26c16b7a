package io.finemem.verbs.disni;

import com.ibm.disni.verbs.IbvRecvWR;
import com.ibm.disni.verbs.SVCPostRecv;
import io.finemem.verbs.ffi.DeviceOperations;
import java.io.IOException;
import java.lang.ref.Reference;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Posts receive requests that were serialised when the call was made. Executing it makes no garbage.
 *
 * <p><b>Thread-safety.</b> None; the queue pair must not be destroyed meanwhile.
 */
public final class PostRecvCall extends SVCPostRecv {
    private final JnrQp qp;
    private final DeviceOperations operations;
    private final RecvRequestMod[] mods;
    private @Nullable WorkRequestMemory requests;

    PostRecvCall(JnrQp qp, List<IbvRecvWR> requests) throws IOException {
        this.qp = qp;
        this.operations = qp.operations();
        WorkRequestMemory memory = ReceiveRequests.serialise(requests);
        this.requests = memory;
        this.mods = new RecvRequestMod[requests.size()];
        int index = 0;
        for (IbvRecvWR request : requests) {
            mods[index++] = new RecvRequestMod(request.getWr_id());
        }
    }

    @Override
    public PostRecvCall execute() throws IOException {
        WorkRequestMemory memory = requests;
        if (memory == null) {
            throw new IOException("the call was freed");
        }
        int errno = operations.postReceive(qp.address(), memory.request(0), memory.badRequest());
        Reference.reachabilityFence(memory);
        if (errno != 0) {
            throw Failures.of("posting " + mods.length + " receive requests, at number " + memory.badIndex(), errno);
        }
        return this;
    }

    @Override
    public boolean isValid() {
        return requests != null;
    }

    @Override
    public PostRecvCall free() {
        requests = null;
        return this;
    }

    @Override
    public RecvWRMod getWrMod(int index) throws IOException {
        if (index < 0 || index >= mods.length) {
            throw new IOException("no request " + index + ", the call has " + mods.length);
        }
        return mods[index];
    }

    private record RecvRequestMod(long id) implements RecvWRMod {
        @Override
        public long getWr_id() {
            return id;
        }
    }
}
