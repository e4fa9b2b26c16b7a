package io.finemem.allocator.data;

import io.finemem.api.BufferPool;
import io.finemem.api.FineMemException;
import io.finemem.api.InvalidRequest;
import io.finemem.api.RegisteredBuffer;
import io.finemem.api.RemoteBlock;
import io.finemem.api.ReusableBlock;
import io.finemem.api.ScatterList;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;

/**
 * One-sided operations on held blocks, the registered buffers for them, and the watch on lost blocks.
 *
 * <p><b>Thread-safety.</b> All methods may be called by any thread.
 */
public final class DataPath implements AutoCloseable {
    private final HeapPorts ports;
    private final BlockHome home;
    private final RegisteredBuffers buffers;
    private final LeakDetection leaks;

    /**
     * A data path.
     *
     * @param ports connections to the memory nodes; closed with this object
     * @param home takes back what {@link RemoteBlock#close()} frees
     */
    public DataPath(HeapPorts ports, DataOptions options, BlockHome home) {
        this.ports = ports;
        this.home = home;
        this.buffers = new RegisteredBuffers(ports.domain(), options.bufferBytes());
        this.leaks = new LeakDetection(options.leakDetection());
    }

    /** What the application gets for a block that was allocated for it. */
    public RemoteBlock hand(HeldBlock held) {
        SingleBlock block = new SingleBlock(this, held);
        leaks.handedOut(block, held);
        return block;
    }

    /**
     * An object that the application can use for one block after the other.
     *
     * @param vacancies makes what a block is held in, without a block
     */
    public ReusableBlock newReusableBlock(Supplier<? extends HeldBlock> vacancies) {
        ReusableApplicationBlock block = new ReusableApplicationBlock(this, vacancies);
        leaks.handedOut(block);
        return block;
    }

    /**
     * The object to allocate into.
     *
     * @throws InvalidRequest if it is not of this data path
     */
    public ReusableApplicationBlock requireReusable(ReusableBlock block) {
        if (!(block instanceof ReusableApplicationBlock ours) || ours.path() != this) {
            throw new InvalidRequest("the block object is not of this RemoteMemory", "block", block);
        }
        return ours;
    }

    /**
     * What is behind a block that an owner of this process gave, for who passes it on to another process.
     *
     * @throws InvalidRequest if it is of another implementation
     */
    public static HeldBlock heldBehind(RemoteBlock block) {
        if (block instanceof ApplicationBlock ours) {
            return ours.held();
        }
        throw new InvalidRequest("the block is not of an owner of this process", "block", block);
    }

    /**
     * The block behind what the application holds.
     *
     * @throws InvalidRequest if it is not of this data path
     */
    public HeldBlock require(RemoteBlock block) {
        if (!(block instanceof ApplicationBlock ours) || ours.path() != this) {
            throw new InvalidRequest("the block is not of this RemoteMemory", "block", block);
        }
        return ours.held();
    }

    /**
     * {@link RemoteBlock#close()}, but for the second call.
     *
     * @throws InvalidRequest if the block is not of this data path, or was freed
     */
    public void free(RemoteBlock block) {
        HeldBlock held = takeBack(block);
        free((ApplicationBlock) block, held);
    }

    /**
     * The blocks behind what the application holds, marked as freed; all or none. {@link #released} follows.
     *
     * @throws InvalidRequest if one of them is not of this data path, was freed, or is named twice
     */
    public List<HeldBlock> takeBackAll(Collection<? extends RemoteBlock> blocks) {
        List<HeldBlock> held = new ArrayList<>(blocks.size());
        try {
            for (RemoteBlock block : blocks) {
                held.add(takeBack(block));
            }
            return held;
        } catch (InvalidRequest e) {
            held.forEach(HeldBlock::unmarkFreed);
            throw e;
        }
    }

    private HeldBlock takeBack(RemoteBlock block) {
        HeldBlock held = takeBackLater(block);
        held.awaitUnused();
        return held;
    }

    /**
     * As {@link #takeBackAll} for one block, without waiting for operations under way. {@link #released} follows.
     *
     * @throws InvalidRequest if it is not of this data path, or was freed
     */
    public HeldBlock takeBackLater(RemoteBlock block) {
        HeldBlock held = require(block);
        if (!held.markFreedLater()) {
            throw new InvalidRequest("the block was freed already", "block", block);
        }
        return held;
    }

    /** Blocks that were {@linkplain #takeBackAll taken back} are freed: they cannot be lost any more. */
    public void released(Collection<? extends RemoteBlock> blocks) {
        for (RemoteBlock block : blocks) {
            unwatch((ApplicationBlock) block);
        }
    }

    /** A block that was {@linkplain #takeBackLater taken back} is freed: it cannot be lost any more. */
    public void released(RemoteBlock block) {
        unwatch((ApplicationBlock) block);
    }

    void close(ApplicationBlock block) {
        HeldBlock held = block.held();
        if (held.markFreed()) {
            free(block, held);
        }
    }

    private void free(ApplicationBlock block, HeldBlock marked) {
        home.free(marked);
        unwatch(block);
        marked.vacate();
    }

    private void unwatch(ApplicationBlock freed) {
        Object watch = freed.watch();
        if (watch != null) {
            leaks.closed(watch);
        }
    }

    /** See {@link io.finemem.api.RemoteMemory#buffers()}. */
    public BufferPool buffers() {
        return buffers;
    }

    /** See {@link io.finemem.api.MemoryStatistics#leakedBlocks()}. */
    public long leakedBlocks() {
        return leaks.count();
    }

    void read(HeldBlock block, long offset, ByteBuffer destination) {
        NodePorts node = ports.of(block);
        HeapPort port = node.acquire();
        try {
            port.read(block, offset, destination);
        } finally {
            node.release(port);
        }
    }

    void write(HeldBlock block, long offset, ByteBuffer source) {
        NodePorts node = ports.of(block);
        HeapPort port = node.acquire();
        try {
            port.write(block, offset, source);
        } finally {
            node.release(port);
        }
    }

    long compareAndSwap(HeldBlock block, long offset, long expected, long update) {
        NodePorts node = ports.of(block);
        HeapPort port = node.acquire();
        try {
            return port.compareAndSwap(block, offset, expected, update);
        } finally {
            node.release(port);
        }
    }

    long fetchAdd(HeldBlock block, long offset, long addend) {
        NodePorts node = ports.of(block);
        HeapPort port = node.acquire();
        try {
            return port.fetchAdd(block, offset, addend);
        } finally {
            node.release(port);
        }
    }

    /** A transfer between a pinned block and a range of a buffer. */
    void transfer(HeldBlock block, boolean write, long offset, RegisteredBuffer buffer, int position, int length) {
        PooledBuffer ours = buffers.require(buffer);
        NodePorts node = ports.of(block);
        HeapPort port = node.acquire();
        try {
            run(port, port.transfer().begin(write, offset).add(ours, position, length), block);
        } finally {
            node.release(port);
        }
    }

    /** A transfer between a pinned block and a list of ranges. */
    void transfer(HeldBlock block, boolean write, long offset, ScatterList list) {
        NodePorts node = ports.of(block);
        HeapPort port = node.acquire();
        try {
            run(port, port.transfer().begin(write, offset).addAll(buffers, list), block);
        } finally {
            node.release(port);
        }
    }

    private static void run(HeapPort port, Transfer transfer, HeldBlock block) {
        try {
            transfer.pinBuffers();
            try {
                port.run(block);
            } finally {
                transfer.unpinBuffers();
            }
        } finally {
            transfer.clear();
        }
    }

    /** Starts a transfer between a pinned block, which is unpinned at its end, and a range of a buffer. */
    CompletionStage<Void> start(
            HeldBlock block, boolean write, long offset, RegisteredBuffer buffer, int position, int length) {
        try {
            return start(block, newTransfer(write, offset).add(buffers.require(buffer), position, length));
        } catch (FineMemException e) {
            block.unpin();
            return CompletableFuture.failedStage(e);
        }
    }

    /** Starts a transfer between a pinned block, which is unpinned at its end, and a list of ranges. */
    CompletionStage<Void> start(HeldBlock block, boolean write, long offset, ScatterList list) {
        try {
            return start(block, newTransfer(write, offset).addAll(buffers, list));
        } catch (FineMemException e) {
            block.unpin();
            return CompletableFuture.failedStage(e);
        }
    }

    private Transfer newTransfer(boolean write, long offset) {
        return new Transfer(ports.domain().transport().capabilities()).begin(write, offset);
    }

    private CompletionStage<Void> start(HeldBlock block, Transfer transfer) {
        if (!transfer.remains()) {
            block.unpin();
            return CompletableFuture.completedStage(null);
        }
        AsyncPort port = ports.of(block).async();
        transfer.pinBuffers();
        try {
            AsyncTransfer started = new AsyncTransfer(block, transfer);
            port.start(started);
            return started.stage();
        } catch (FineMemException e) {
            transfer.unpinBuffers();
            throw e;
        }
    }

    /** Starts no operation any more, and waits for those under way, which are bounded by their timeout. */
    public void shut() {
        leaks.report();
        ports.shut();
    }

    /** {@link #shut}, and releases connections and buffers. Blocks that the application still has are not lost: they are freed. */
    @Override
    public void close() {
        ports.close();
        buffers.close();
        leaks.close();
    }
}
