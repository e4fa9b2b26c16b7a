package io.finemem.verbs.disni;

import com.ibm.disni.verbs.IbvSendWR;
import com.ibm.disni.verbs.SVCPostSend;
import io.finemem.verbs.ffi.DeviceOperations;
import java.io.IOException;
import java.lang.ref.Reference;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Posts send requests that were serialised when the call was made. Executing it, also again and again, and changing its
 * requests through {@link #getWrMod} makes no garbage.
 *
 * <p><b>Thread-safety.</b> None; the queue pair must not be destroyed meanwhile.
 */
public final class PostSendCall extends SVCPostSend {
    private final JnrQp qp;
    private final DeviceOperations operations;
    private final SendRequestMod[] mods;
    private @Nullable WorkRequestMemory requests;

    PostSendCall(JnrQp qp, List<IbvSendWR> requests) throws IOException {
        this.qp = qp;
        this.operations = qp.operations();
        WorkRequestMemory memory = SendRequests.serialise(requests);
        this.requests = memory;
        this.mods = new SendRequestMod[requests.size()];
        for (int i = 0; i < mods.length; i++) {
            mods[i] = new SendRequestMod(memory, memory.request(i));
        }
    }

    @Override
    public PostSendCall execute() throws IOException {
        WorkRequestMemory memory = requests;
        if (memory == null) {
            throw new IOException("the call was freed");
        }
        int errno = operations.postSend(qp.address(), memory.request(0), memory.badRequest());
        Reference.reachabilityFence(memory);
        if (errno != 0) {
            throw Failures.of("posting " + mods.length + " send requests, at number " + memory.badIndex(), errno);
        }
        return this;
    }

    @Override
    public boolean isValid() {
        return requests != null;
    }

    @Override
    public PostSendCall free() {
        requests = null;
        return this;
    }

    /** Changes request {@code index} in place. */
    @Override
    public SendRequestMod getWrMod(int index) throws IOException {
        if (index < 0 || index >= mods.length) {
            throw new IOException("no request " + index + ", the call has " + mods.length);
        }
        return mods[index];
    }
}
