package io.finemem.verbs.disni;

import com.ibm.disni.verbs.IbvPd;
import java.io.IOException;

/** A protection domain. */
public final class JnrPd extends IbvPd {
    private final long address;

    JnrPd(JnrContext context, long address, int handle) throws IOException {
        super(context);
        this.address = address;
        this.handle = handle;
    }

    /** The {@code struct ibv_pd}. */
    public long address() throws IOException {
        return Handles.open(isOpen, address, "protection domain");
    }
}
