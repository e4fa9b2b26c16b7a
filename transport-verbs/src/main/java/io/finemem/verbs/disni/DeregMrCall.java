package io.finemem.verbs.disni;

import com.ibm.disni.verbs.SVCDeregMr;
import java.io.IOException;

/** Ends a registration. */
final class DeregMrCall extends SVCDeregMr {
    private final JnrRdmaVerbs verbs;
    private final JnrMr region;
    private boolean valid = true;

    DeregMrCall(JnrRdmaVerbs verbs, JnrMr region) {
        this.verbs = verbs;
        this.region = region;
    }

    @Override
    public DeregMrCall execute() throws IOException {
        if (!valid) {
            throw new IOException("the call was freed");
        }
        verbs.deregMemory(region);
        return this;
    }

    @Override
    public boolean isValid() {
        return valid;
    }

    @Override
    public DeregMrCall free() {
        valid = false;
        return this;
    }
}
