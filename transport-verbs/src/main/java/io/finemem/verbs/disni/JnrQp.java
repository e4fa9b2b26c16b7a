package io.finemem.verbs.disni;

import com.ibm.disni.verbs.IbvQP;
import com.ibm.disni.verbs.IbvQPInitAttr;
import io.finemem.verbs.ffi.DeviceOperations;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** A queue pair, of a connection id or on its own. */
public final class JnrQp extends IbvQP {
    private final long address;
    private final @Nullable JnrCmId id;

    JnrQp(long address, int number, int handle, JnrPd pd, IbvQPInitAttr attributes, @Nullable JnrCmId id)
            throws IOException {
        super(number);
        this.address = address;
        this.id = id;
        this.handle = handle;
        this.pd = pd;
        this.context = pd.getContext();
        this.send_cq = attributes.getSend_cq();
        this.recv_cq = attributes.getRecv_cq();
        this.qp_type = attributes.getQp_type();
    }

    /** The {@code struct ibv_qp}. */
    public long address() throws IOException {
        return Handles.open(isOpen, address, "queue pair");
    }

    DeviceOperations operations() {
        return ((JnrContext) context).operations();
    }

    /** The id it belongs to, or null if it was made by {@link VerbsExtensions#createQp}. */
    @Nullable
    JnrCmId id() {
        return id;
    }

    void state(int newState) {
        state = newState;
    }
}
