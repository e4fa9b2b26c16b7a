package io.finemem.verbs.disni;

import com.ibm.disni.verbs.IbvMr;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * A memory region; more than 2 GB is ordinary. DiSNI's {@link #getLength} is an {@code int} and gives at most
 * {@link Integer#MAX_VALUE}.
 */
public final class JnrMr extends IbvMr {
    private final long address;
    private final long bytes;
    /** Keeps the memory of a region that was registered as a buffer. */
    @SuppressWarnings("unused")
    private final @Nullable ByteBuffer memory;

    JnrMr(JnrContext context, long address, Range range, int access, Keys keys) throws IOException {
        super(
                context,
                range.address(),
                (int) Math.min(range.bytes(), Integer.MAX_VALUE),
                access,
                keys.local(),
                keys.remote(),
                keys.handle());
        this.address = address;
        this.bytes = range.bytes();
        this.memory = range.buffer();
    }

    /** The {@code struct ibv_mr}. */
    public long address() throws IOException {
        return Handles.open(isOpen, address, "memory region");
    }

    /** Bytes registered. */
    public long length() {
        return bytes;
    }

    /** What is registered. */
    record Range(long address, long bytes, @Nullable ByteBuffer buffer) {}

    /** What the device gave for it. */
    record Keys(int local, int remote, int handle) {}
}
