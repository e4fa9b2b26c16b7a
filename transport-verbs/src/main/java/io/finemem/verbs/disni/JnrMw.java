package io.finemem.verbs.disni;

import com.ibm.disni.verbs.IbvPd;
import java.io.IOException;

/** A memory window. DiSNI has none; the form is that of its {@code IbvMr}. */
public final class JnrMw {
    /** Bound by {@link VerbsExtensions#bindWindow} on any queue pair of the domain. */
    public static final int IBV_MW_TYPE_1 = 1;
    /** Bound by a posted {@link ExtendedSendWR} on the queue pair that will serve the accesses. */
    public static final int IBV_MW_TYPE_2 = 2;

    private final JnrPd pd;
    private final long address;
    private final int type;
    private volatile boolean isOpen = true;

    JnrMw(JnrPd pd, long address, int type) {
        this.pd = pd;
        this.address = address;
        this.type = type;
    }

    /** The {@code struct ibv_mw}. */
    public long address() throws IOException {
        return Handles.open(isOpen, address, "memory window");
    }

    /** Its protection domain. */
    public IbvPd getPd() {
        return pd;
    }

    /** {@link #IBV_MW_TYPE_1} or {@link #IBV_MW_TYPE_2}. */
    public int getType() {
        return type;
    }

    /** Whether it was not yet given back. */
    public boolean isOpen() {
        return isOpen;
    }

    void close() {
        isOpen = false;
    }
}
