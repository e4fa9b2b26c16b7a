package io.finemem.verbs.disni;

import com.ibm.disni.verbs.SVCReqNotify;
import java.io.IOException;

/** Asks for an event at the next completion. Executing it makes no garbage. */
final class ReqNotifyCall extends SVCReqNotify {
    private final JnrCq queue;
    private final boolean solicitedOnly;
    private boolean valid = true;

    ReqNotifyCall(JnrCq queue, boolean solicitedOnly) {
        this.queue = queue;
        this.solicitedOnly = solicitedOnly;
    }

    @Override
    public ReqNotifyCall execute() throws IOException {
        if (!valid) {
            throw new IOException("the call was freed");
        }
        JnrContext context = (JnrContext) queue.getContext();
        int errno = context.operations().requestNotification(queue.address(), solicitedOnly);
        Failures.check("requesting a notification", errno);
        return this;
    }

    @Override
    public boolean isValid() {
        return valid;
    }

    @Override
    public ReqNotifyCall free() {
        valid = false;
        return this;
    }
}
