package io.finemem.verbs.disni;

import com.ibm.disni.verbs.IbvCompChannel;
import java.io.IOException;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * A channel of completion events. It knows its completion queues: events name them, and the channel can only be released after
 * the last of them, whereas DiSNI's groups destroy it first.
 */
public final class JnrCompChannel extends IbvCompChannel {
    private final long address;
    private final ConcurrentHashMap<Long, JnrCq> queues = new ConcurrentHashMap<>();

    JnrCompChannel(JnrContext context, long address, int fd) throws IOException {
        super(fd, context);
        this.address = address;
    }

    /** The {@code struct ibv_comp_channel}. */
    public long address() throws IOException {
        return Handles.open(isOpen, address, "completion channel");
    }

    /** The struct, also of a channel that is closed but has queues left. */
    long rawAddress() {
        return address;
    }

    void add(long nativeQueue, JnrCq queue) {
        queues.put(nativeQueue, queue);
    }

    void remove(long nativeQueue) {
        queues.remove(nativeQueue);
    }

    @Nullable
    JnrCq queue(long nativeQueue) {
        return queues.get(nativeQueue);
    }

    boolean unused() {
        return queues.isEmpty();
    }
}
