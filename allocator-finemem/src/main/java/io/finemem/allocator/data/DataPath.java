package io.finemem.allocator.data;

import io.finemem.api.InvalidRequest;
import io.finemem.api.RemoteBlock;
import java.nio.ByteBuffer;

/**
 * One-sided operations on held blocks.
 *
 * <p><b>Thread-safety.</b> All methods may be called by any thread.
 */
public final class DataPath {
    private final HeapPorts ports;
    private final BlockHome home;

    /**
     * A data path.
     *
     * @param ports connections to the memory nodes; closed by who made them
     * @param home takes back what {@link RemoteBlock#close()} frees
     */
    public DataPath(HeapPorts ports, BlockHome home) {
        this.ports = ports;
        this.home = home;
    }

    /** What the application gets for a block that was allocated for it. */
    public RemoteBlock hand(HeldBlock held) {
        return new ApplicationBlock(this, held);
    }

    /**
     * The block behind what the application holds, marked as freed.
     *
     * @throws InvalidRequest if it is not of this data path, or was freed
     */
    public HeldBlock takeBack(RemoteBlock block) {
        HeldBlock held = takeBackLater(block);
        held.awaitUnused();
        return held;
    }

    /** As {@link #takeBack}, without waiting for operations under way. */
    public HeldBlock takeBackLater(RemoteBlock block) {
        if (!(block instanceof ApplicationBlock ours) || ours.path() != this) {
            throw new InvalidRequest("the block is not of this RemoteMemory", "block", block);
        }
        if (!ours.held().markFreedLater()) {
            throw new InvalidRequest("the block was freed already", "block", block);
        }
        return ours.held();
    }

    void free(ApplicationBlock block) {
        if (block.held().markFreed()) {
            home.free(block.held());
        }
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
}
