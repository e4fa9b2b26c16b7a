package io.finemem.allocator.memorynode;

import io.finemem.allocator.procedure.Procedure;
import io.finemem.allocator.procedure.WordChain;
import io.finemem.allocator.procedure.WordResults;
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
    private final Connection connection;
    private final Connection served;
    private final Chain atomics;
    private final long timeoutNanos;
    private final long[] words = new long[MAX_ELEMENTS];
    private final int[] atomicOf = new int[MAX_ELEMENTS];
    private int size;

    LoopBack(MemoryRegion metadata, long timeoutNanos) {
        this.metadata = metadata;
        this.timeoutNanos = timeoutNanos;
        ConnectionOptions options = new ConnectionOptions("loop-back", MAX_ELEMENTS, PoolMemory.REMOTE);
        this.served = metadata.domain().newConnection(options);
        this.connection = metadata.domain().newConnection(options.withServedAccess(Set.of()));
        served.connect(connection.descriptor());
        connection.connect(served.descriptor());
        this.atomics = connection.newChain(MAX_ELEMENTS);
    }

    /**
     * Runs a procedure to its end.
     *
     * @throws ConnectionLost if the loop-back connection failed: the device is gone
     */
    void run(Procedure procedure) {
        while (true) {
            size = 0;
            atomics.clear();
            if (!procedure.next(this)) {
                return;
            }
            executeAtomics();
            procedure.completed(this);
        }
    }

    private void executeAtomics() {
        if (atomics.size() == 0) {
            return;
        }
        CompletionStatus status = connection.execute(atomics, timeoutNanos);
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
