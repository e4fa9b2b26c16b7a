package io.finemem.allocator.data;

import io.finemem.api.FineMemException;
import io.finemem.api.InvalidRequest;
import io.finemem.api.OperationTimeout;
import io.finemem.spi.transport.Chain;
import io.finemem.spi.transport.CompletionStatus;
import io.finemem.spi.transport.Connection;
import io.finemem.spi.transport.ConnectionState;
import io.finemem.spi.transport.MemoryRegion;
import io.finemem.spi.transport.ProtectionDomain;
import java.nio.ByteBuffer;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One data connection to the heap of one memory node. Bytes of registered buffers are transferred from where they are, other
 * bytes go through a registered buffer of 64 KiB. A refused access breaks the connection; the next operation makes a new one,
 * so that one revoked block does not harm the others.
 *
 * <p><b>Thread-safety.</b> Used by the thread that was lent it.
 */
final class HeapPort implements AutoCloseable {
    static final int BUFFER_BYTES = 64 * 1024;
    /** While one is under way, the next is prepared and posted. */
    private static final int CHAINS = 2;

    private final ProtectionDomain domain;
    private final HeapConnector connector;
    private final int position;
    private final int chainElements;
    private final long timeoutNanos;
    private final Transfer transfer;
    /** Made with the first connection, and kept for the ones that replace it. */
    private @Nullable MemoryRegion bytes;

    private @Nullable Ready ready;

    /** What a connected port has. */
    private record Ready(HeapLink link, Chain chain, Chain other, MemoryRegion buffer, ByteBuffer view) {
        Connection connection() {
            return link.connection();
        }
    }

    HeapPort(ProtectionDomain domain, HeapConnector connector, int position, long timeoutNanos) {
        this.domain = domain;
        this.connector = connector;
        this.position = position;
        this.chainElements = Transfer.chainElements(domain.transport().capabilities(), CHAINS);
        this.timeoutNanos = timeoutNanos;
        this.transfer = new Transfer(domain.transport().capabilities());
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

    /** The port's own transfer, to be filled and {@linkplain #run run}. */
    Transfer transfer() {
        return transfer;
    }

    /** Runs the port's transfer, whose buffers are pinned, to its end: one doorbell per chain, two chains under way. */
    void run(HeldBlock block) {
        if (!transfer.remains()) {
            return;
        }
        Ready now = ready();
        transfer.fill(now.chain(), block);
        if (transfer.remains()) {
            pipeline(now, block);
        } else {
            execute(now, block);
        }
    }

    private void pipeline(Ready now, HeldBlock block) {
        Connection connection = now.connection();
        try {
            connection.submit(now.chain());
            transfer.fill(now.other().clear(), block);
            connection.submit(now.other());
            while (connection.chainsInFlight() > 0) {
                Chain completed = next(connection);
                check(completed.status(), block);
                if (transfer.remains()) {
                    transfer.fill(completed.clear(), block);
                    connection.submit(completed);
                }
            }
        } catch (FineMemException e) {
            fence(now, e);
            throw e;
        }
    }

    private Chain next(Connection connection) {
        long deadline = 0;
        for (int polls = 0; ; polls++) {
            Chain completed = connection.poll();
            if (completed != null) {
                return completed;
            }
            if (polls < Connection.SPINS_BEFORE_YIELD) {
                Thread.onSpinWait();
            } else if (deadline == 0) {
                deadline = System.nanoTime() + timeoutNanos;
            } else if (System.nanoTime() - deadline > 0) {
                throw Failures.timeout(connector.memoryNode(), timeoutNanos);
            } else {
                Thread.yield();
            }
        }
    }

    private Ready ready() {
        Ready now = ready;
        if (now != null && now.connection().state() != ConnectionState.CONNECTED) {
            connector.disconnect(now.link());
            ready = null; // its end has no name any more, whatever becomes of the next one
            now = null;
        }
        if (now == null) {
            now = open();
            ready = now;
        }
        now.chain().clear();
        return now;
    }

    private Ready open() {
        HeapLink link = connector.connect(CHAINS * chainElements);
        try {
            MemoryRegion buffer = buffer();
            Chain chain = link.connection().newChain(chainElements);
            Chain other = link.connection().newChain(chainElements);
            return new Ready(link, chain, other, buffer, buffer.slice(0, BUFFER_BYTES));
        } catch (RuntimeException e) {
            giveBack(link, e);
            throw e;
        }
    }

    private MemoryRegion buffer() {
        MemoryRegion buffer = bytes;
        if (buffer == null) {
            buffer = domain.allocate(BUFFER_BYTES, Set.of());
            bytes = buffer;
        }
        return buffer;
    }

    /** A connection that was never used, on both sides. */
    private void giveBack(HeapLink link, RuntimeException cause) {
        try {
            connector.disconnect(link);
        } catch (RuntimeException e) {
            cause.addSuppressed(e);
        } finally {
            link.connection().close();
        }
    }

    private void execute(Ready now, HeldBlock block) {
        CompletionStatus status;
        try {
            status = now.connection().execute(now.chain(), timeoutNanos);
        } catch (OperationTimeout e) {
            fence(now, e);
            throw e;
        }
        if (status != CompletionStatus.SUCCESS && status != CompletionStatus.REMOTE_ACCESS_ERROR) {
            FineMemException lost = Failures.of(status, block);
            fence(now, lost);
            throw lost;
        }
        check(status, block);
    }

    private static void check(CompletionStatus status, HeldBlock block) {
        if (status != CompletionStatus.SUCCESS) {
            throw Failures.of(status, block);
        }
    }

    /** The next operation makes a new connection. */
    private void fence(Ready now, FineMemException cause) {
        ready = null;
        Failures.fence(connector, now.link(), cause);
    }

    @Override
    public void close() {
        Ready now = ready;
        if (now != null) {
            now.connection().close();
            ready = null;
        }
        MemoryRegion buffer = bytes;
        if (buffer != null) {
            buffer.close();
            bytes = null;
        }
    }
}
