package io.finemem.allocator.owner;

import io.finemem.allocator.control.ConnectionPurpose;
import io.finemem.api.CapabilityRevoked;
import io.finemem.api.FineMemException;
import io.finemem.api.InvalidRequest;
import io.finemem.api.OperationTimeout;
import io.finemem.spi.transport.Chain;
import io.finemem.spi.transport.CompletionStatus;
import io.finemem.spi.transport.ConnectionLost;
import io.finemem.spi.transport.ConnectionState;
import io.finemem.spi.transport.MemoryRegion;
import java.nio.ByteBuffer;

/**
 * One worker's data connection to the heap of one memory node. Bytes go through a registered buffer of 64 KiB. A refused
 * access breaks the connection; the next operation makes a new one, so that one revoked block does not harm the others.
 *
 * <p><b>Thread-safety.</b> Used by the thread that holds the worker.
 */
final class HeapPort implements AutoCloseable {
    static final int BUFFER_BYTES = 64 * 1024;

    private final Connector connector;
    private final MemoryRegion buffer;
    private final ByteBuffer bufferView;
    private final long timeoutNanos;
    private Link link;
    private Chain chain;

    HeapPort(Connector connector, MemoryRegion buffer, long timeoutNanos) {
        this.connector = connector;
        this.buffer = buffer;
        this.bufferView = buffer.slice(0, BUFFER_BYTES);
        this.timeoutNanos = timeoutNanos;
        this.link = connector.connect(ConnectionPurpose.HEAP);
        this.chain = link.connection().newChain(1);
    }

    void read(OwnedBlock block, long offset, ByteBuffer destination) {
        if (destination.isReadOnly()) {
            throw new InvalidRequest("the destination buffer is read-only", "bytes", destination.remaining());
        }
        long at = offset;
        while (destination.hasRemaining()) {
            int length = transferable(block, at, destination.remaining());
            ready().read(block.address() + at, block.rkey(at), buffer, 0, length);
            execute(block);
            destination.put(bufferView.clear().limit(length));
            at += length;
        }
    }

    void write(OwnedBlock block, long offset, ByteBuffer source) {
        long at = offset;
        while (source.hasRemaining()) {
            int length = transferable(block, at, source.remaining());
            bufferView.clear().limit(length).put(0, source, source.position(), length);
            ready().write(block.address() + at, block.rkey(at), buffer, 0, length);
            execute(block);
            source.position(source.position() + length);
            at += length;
        }
    }

    /** As far as the buffer and the rkey go. */
    private static int transferable(OwnedBlock block, long offset, int wanted) {
        return (int) Math.min(Math.min(wanted, BUFFER_BYTES), block.opened(offset));
    }

    long compareAndSwap(OwnedBlock block, long offset, long expected, long update) {
        ready().compareAndSwap(block.address() + offset, block.rkey(offset), expected, update);
        execute(block);
        return chain.word(0);
    }

    long fetchAdd(OwnedBlock block, long offset, long addend) {
        ready().fetchAdd(block.address() + offset, block.rkey(offset), addend);
        execute(block);
        return chain.word(0);
    }

    private Chain ready() {
        if (link.connection().state() != ConnectionState.CONNECTED) {
            link = connector.replace(link, ConnectionPurpose.HEAP);
            chain = link.connection().newChain(1);
        }
        return chain.clear();
    }

    private void execute(OwnedBlock block) {
        CompletionStatus status;
        try {
            status = link.connection().execute(chain, timeoutNanos);
        } catch (OperationTimeout e) {
            fence(block, e);
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
            fence(block, lost);
            throw lost;
        }
    }

    /** What is unknown must not execute later: the block may be freed next, and be another owner's then. */
    private void fence(OwnedBlock block, FineMemException cause) {
        try {
            connector.disconnect(link);
        } catch (FineMemException e) {
            e.addSuppressed(cause);
            throw block.node().lose(e);
        }
    }

    @Override
    public void close() {
        link.connection().close();
        buffer.close();
    }
}
