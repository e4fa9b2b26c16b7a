package io.finemem.allocator.memorynode;

import io.finemem.allocator.procedure.Procedure;
import io.finemem.allocator.procedure.WordChain;
import io.finemem.allocator.procedure.WordResults;
import io.finemem.api.FineMemException;
import io.finemem.api.OperationTimeout;
import io.finemem.spi.transport.Chain;
import io.finemem.spi.transport.CompletionStatus;
import io.finemem.spi.transport.Connection;
import io.finemem.spi.transport.ConnectionLost;
import io.finemem.spi.transport.ConnectionOptions;
import io.finemem.spi.transport.MemoryRegion;
import java.util.Set;

/**
 * Runs procedures on the memory node itself. Words that clients change by atomics of the network adapter are changed through
 * a loop-back connection, because those atomics need not be atomic to this CPU; journal slots and the directory are loaded
 * and stored.
 *
 * <p><b>Thread-safety.</b> Used by one thread at a time.
 */
final class LoopBack implements WordChain, WordResults, AutoCloseable {
    private final MemoryRegion metadata;
    private Connection connection;
    private Connection served;
    private Chain atomics;
    private boolean broken;
    private final long timeoutNanos;
    private final long[] words = new long[MAX_ELEMENTS];
    private final int[] atomicOf = new int[MAX_ELEMENTS];
    private int size;

    LoopBack(MemoryRegion metadata, long timeoutNanos) {
        this.metadata = metadata;
        this.timeoutNanos = timeoutNanos;
        connect();
    }

    private void connect() {
        ConnectionOptions options = new ConnectionOptions("loop-back", MAX_ELEMENTS, PoolMemory.REMOTE);
        served = metadata.domain().newConnection(options);
        connection = metadata.domain().newConnection(options.withServedAccess(Set.of()));
        served.connect(connection.descriptor());
        connection.connect(served.descriptor());
        atomics = connection.newChain(MAX_ELEMENTS);
    }

    /**
     * Makes sure that nothing posted before executes any more (rule R9): a connection that failed is fenced and replaced.
     * Only then may anybody decide what it left in doubt.
     *
     * @throws FineMemException if the fence does not hold yet, or no connection can be made; to be tried again
     */
    void ready() {
        if (!broken) {
            return;
        }
        served.fence(timeoutNanos);
        connection.close();
        served.close();
        connect();
        broken = false;
    }

    /**
     * Runs a procedure to its end.
     *
     * @throws ConnectionLost if the loop-back connection failed; the procedure has been told, and {@link #ready} must succeed
     *     before what it left in doubt is decided
     */
    void run(Procedure procedure) {
        ready();
        while (true) {
            size = 0;
            atomics.clear();
            if (!procedure.next(this)) {
                return;
            }
            try {
                executeAtomics();
            } catch (ConnectionLost e) {
                broken = true;
                procedure.lost();
                throw e;
            }
            procedure.completed(this);
        }
    }

    private void executeAtomics() {
        if (atomics.size() == 0) {
            return;
        }
        CompletionStatus status;
        try {
            status = connection.execute(atomics, timeoutNanos);
        } catch (OperationTimeout e) {
            throw new ConnectionLost(e.getMessage());
        }
        if (status != CompletionStatus.SUCCESS) {
            throw new ConnectionLost("the memory node's loop-back connection failed", "status", status);
        }
        for (int i = 0; i < size; i++) {
            if (atomicOf[i] >= 0) {
                words[i] = atomics.word(atomicOf[i]);
            }
        }
    }

    @Override
    public void write(long offset, long value) {
        metadata.putWord(offset, value);
        add(0, -1);
    }

    @Override
    public void compareAndSwap(long offset, long expected, long update) {
        add(0, atomics.compareAndSwap(metadata.address() + offset, metadata.rkey(), expected, update));
    }

    @Override
    public void fetchAdd(long offset, long addend) {
        add(0, atomics.fetchAdd(metadata.address() + offset, metadata.rkey(), addend));
    }

    @Override
    public void read(long offset) {
        add(metadata.getWord(offset), -1);
    }

    private void add(long word, int atomic) {
        words[size] = word;
        atomicOf[size++] = atomic;
    }

    @Override
    public long word(int element) {
        return words[element];
    }

    @Override
    public void close() {
        connection.close();
        served.close();
    }
}
