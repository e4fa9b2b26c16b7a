package io.finemem.verbs.disni;

import com.ibm.disni.verbs.IbvContext;
import io.finemem.verbs.ffi.ContextFields;
import io.finemem.verbs.ffi.DeviceOperations;
import java.io.IOException;

/** An opened device: librdmacm's own, shared by all ids on the device, or one of {@link VerbsExtensions#openDevice}. */
public final class JnrContext extends IbvContext {
    private final long address;
    private final boolean owned;
    private final DeviceOperations operations;
    private final DeviceLimits limits;

    private JnrContext(long address, boolean owned) throws IOException {
        super(ContextFields.commandFd(address), ContextFields.completionVectors(address));
        this.address = address;
        this.owned = owned;
        this.operations = DeviceOperations.of(address);
        this.limits = DeviceLimits.of(address);
    }

    /** The handle for librdmacm's context. */
    static JnrContext shared(long address) throws IOException {
        return new JnrContext(address, false);
    }

    /** The handle for a context that is closed by {@link VerbsExtensions#closeDevice}. */
    static JnrContext owned(long address) throws IOException {
        return new JnrContext(address, true);
    }

    /** The {@code struct ibv_context}. */
    public long address() throws IOException {
        return Handles.open(isOpen, address, "device context");
    }

    boolean isOwned() {
        return owned;
    }

    /** The functions behind the device's pointers, for callers that post and poll without DiSNI's calls. */
    public DeviceOperations operations() {
        return operations;
    }

    DeviceLimits limits() {
        return limits;
    }
}
