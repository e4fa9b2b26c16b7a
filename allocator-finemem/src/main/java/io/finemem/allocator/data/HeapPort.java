package io.finemem.allocator.data;

import io.finemem.api.CapabilityRevoked;
import io.finemem.api.FineMemException;
import io.finemem.api.InvalidRequest;
import io.finemem.api.OperationTimeout;
import io.finemem.spi.transport.Chain;
import io.finemem.spi.transport.CompletionStatus;
import io.finemem.spi.transport.ConnectionLost;
import io.finemem.spi.transport.ConnectionState;
import io.finemem.spi.transport.MemoryRegion;
import io.finemem.spi.transport.ProtectionDomain;
import java.nio.ByteBuffer;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One data connection to the heap of one memory node. Bytes go through a registered buffer of 64 KiB. A refused access breaks
 * the connection; the next operation makes a new one, so that one revoked block does not harm the others.
 *
 * <p><b>Thread-safety.</b> Used by the thread that was lent it.
 */
final class HeapPort implements AutoCloseable {
    static final int BUFFER_BYTES = 64 * 1024;
    private static final int ELEMENTS = 1;

    private final ProtectionDomain domain;
    private final HeapConnector connector;
    private final int position;
    private final long timeoutNanos;
    private @Nullable Ready ready;

    /** What a connected port has. */
    private record Ready(HeapLink link, Chain chain, MemoryRegion buffer, ByteBuffer view) {}

    HeapPort(ProtectionDomain domain, HeapConnector connector, int position, long timeoutNanos) {
        this.domain = domain;
        this.connector = connector;
        this.position = position;
        this.timeoutNanos = timeoutNanos;
    }

    /** Among the ports to its node. */
    int position() {
        return position;
    }

    /** Connects if it is not connected. */
    void connect() {
        ready();
    }

    void read(HeldBlock block, long offset, ByteBuffer destination) {
        if (destination.isReadOnly()) {
            throw new InvalidRequest("the destination buffer is read-only", "bytes", destination.remaining());
        }
        long at = offset;
        while (destination.hasRemaining()) {
            int length = transferable(block, at, destination.remaining());
            Ready now = ready();
            now.chain().read(block.address() + at, block.rkey(at), now.buffer(), 0, length);
            execute(now, block);
            destination.put(now.view().clear().limit(length));
            at += length;
        }
    }

    void write(HeldBlock block, long offset, ByteBuffer source) {
        long at = offset;
        while (source.hasRemaining()) {
            int length = transferable(block, at, source.remaining());
            Ready now = ready();
            now.view().clear().limit(length).put(0, source, source.position(), length);
            now.chain().write(block.address() + at, block.rkey(at), now.buffer(), 0, length);
            execute(now, block);
            source.position(source.position() + length);
            at += length;
        }
    }

    /** As far as the buffer and the rkey go. */
    private static int transferable(HeldBlock block, long offset, int wanted) {
        return (int) Math.min(Math.min(wanted, BUFFER_BYTES), block.opened(offset));
    }

    long compareAndSwap(HeldBlock block, long offset, long expected, long update) {
        Ready now = ready();
        now.chain().compareAndSwap(block.address() + offset, block.rkey(offset), expected, update);
        execute(now, block);
        return now.chain().word(0);
    }

    long fetchAdd(HeldBlock block, long offset, long addend) {
        Ready now = ready();
        now.chain().fetchAdd(block.address() + offset, block.rkey(offset), addend);
        execute(now, block);
        return now.chain().word(0);
    }

    private Ready ready() {
        Ready now = ready;
        if (now == null) {
            now = open();
        } else if (now.link().connection().state() != ConnectionState.CONNECTED) {
            connector.disconnect(now.link());
            now = opened(connector.connect(ELEMENTS), now.buffer());
        }
        now.chain().clear();
        return now;
    }

    private Ready open() {
        HeapLink link = connector.connect(ELEMENTS);
        try {
            return opened(link, domain.allocate(BUFFER_BYTES, Set.of()));
        } catch (RuntimeException e) {
            link.connection().close();
            throw e;
        }
    }

    private Ready opened(HeapLink link, MemoryRegion buffer) {
        Ready now = new Ready(link, link.connection().newChain(ELEMENTS), buffer, buffer.slice(0, BUFFER_BYTES));
        ready = now;
        return now;
    }

    private void execute(Ready now, HeldBlock block) {
        CompletionStatus status;
        try {
            status = now.link().connection().execute(now.chain(), timeoutNanos);
        } catch (OperationTimeout e) {
            fence(now, e);
            throw e;
        }
        if (status == CompletionStatus.REMOTE_ACCESS_ERROR) {
            throw new CapabilityRevoked("the memory node refused the block's rkey", "block", block.handle());
        }
        if (status != CompletionStatus.SUCCESS) {
            ConnectionLost lost = new ConnectionLost(
                    "the data connection failed; whether the operation was executed is unknown",
                    "block",
                    block.handle(),
                    "status",
                    status);
            fence(now, lost);
            throw lost;
        }
    }

    /** What is unknown must not execute later: the block may be freed next, and be another owner's then. */
    private void fence(Ready now, FineMemException cause) {
        try {
            connector.disconnect(now.link());
        } catch (FineMemException e) {
            e.addSuppressed(cause);
            throw connector.lose(e);
        } finally {
            now.link().connection().close(); // whatever the node says, nothing writes this side's memory any more
        }
    }

    @Override
    public void close() {
        Ready now = ready;
        if (now != null) {
            now.link().connection().close();
            now.buffer().close();
            ready = null;
        }
    }
}
