package io.finemem.verbs.disni;

import com.ibm.disni.verbs.IbvMr;
import com.ibm.disni.verbs.SVCRegMr;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** Registers memory; each execution makes a region of its own. */
final class RegMrCall extends SVCRegMr {
    private final JnrRdmaVerbs verbs;
    private final JnrPd pd;
    private final JnrMr.Range range;
    private final int access;
    private @Nullable IbvMr region;
    private boolean valid = true;

    RegMrCall(JnrRdmaVerbs verbs, JnrPd pd, JnrMr.Range range, int access) {
        this.verbs = verbs;
        this.pd = pd;
        this.range = range;
        this.access = access;
    }

    @Override
    public RegMrCall execute() throws IOException {
        if (!valid) {
            throw new IOException("the call was freed");
        }
        region = verbs.register(pd, range, access);
        return this;
    }

    /** The region of the latest execution, also after {@link #free}; null before the first. */
    @Override
    public @Nullable IbvMr getMr() {
        return region;
    }

    @Override
    public boolean isValid() {
        return valid;
    }

    @Override
    public RegMrCall free() {
        valid = false;
        return this;
    }
}
