package io.finemem.verbs.disni;

import com.ibm.disni.verbs.IbvSendWR;
import io.finemem.verbs.ffi.SendWorkRequest;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * The work requests that DiSNI's {@link IbvSendWR} has no opcodes for: binding and invalidating windows. They are posted in the
 * same list as all others.
 *
 * <p><b>Thread-safety.</b> None.
 */
public final class ExtendedSendWR extends IbvSendWR {
    /** Ends the rkey of a type 2 window of this side. */
    public static final int IBV_WR_LOCAL_INV = SendWorkRequest.LOCAL_INVALIDATE;

    /** Binds a window. */
    public static final int IBV_WR_BIND_MW = SendWorkRequest.BIND_WINDOW;

    /** SEND that ends the rkey of a type 2 window of the peer. */
    public static final int IBV_WR_SEND_WITH_INV = SendWorkRequest.SEND_WITH_INVALIDATE;

    private final int rkey;
    private final @Nullable JnrMw window;
    private final @Nullable WindowBinding binding;

    private ExtendedSendWR(int opcode, int rkey, @Nullable JnrMw window, @Nullable WindowBinding binding) {
        setOpcode(opcode);
        // A bind has its key elsewhere, and rxe refuses one with anything in this field.
        setImm_data(opcode == IBV_WR_BIND_MW ? 0 : rkey);
        this.rkey = rkey;
        this.window = window;
        this.binding = binding;
    }

    /**
     * Binds a window on the queue pair it is posted on. After its completion the caller records the rkey by {@link
     * VerbsExtensions#setWindowKey}.
     *
     * @param rkey the new key, {@link VerbsExtensions#nextWindowKey}
     */
    public static ExtendedSendWR bind(JnrMw window, int rkey, WindowBinding binding) {
        return new ExtendedSendWR(IBV_WR_BIND_MW, rkey, window, binding);
    }

    /** Ends {@code rkey} of a type 2 window of this side. */
    public static ExtendedSendWR localInvalidate(int rkey) {
        return new ExtendedSendWR(IBV_WR_LOCAL_INV, rkey, null, null);
    }

    /** A SEND that ends {@code rkey} of a type 2 window of the peer; add scatter/gather elements as to any SEND. */
    public static ExtendedSendWR sendWithInvalidate(int rkey) {
        return new ExtendedSendWR(IBV_WR_SEND_WITH_INV, rkey, null, null);
    }

    void writeBinding(long request) throws IOException {
        if (window != null && binding != null) {
            SendWorkRequest.setWindow(request, window.address(), rkey);
            binding.write(SendWorkRequest.bindInfo(request));
        }
    }
}
