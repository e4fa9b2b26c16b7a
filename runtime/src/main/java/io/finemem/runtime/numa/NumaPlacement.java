package io.finemem.runtime.numa;

import com.kenai.jffi.MemoryIO;
import io.finemem.allocator.memorynode.RegionPlacement;
import io.finemem.api.FineMemException;
import io.finemem.api.InvalidConfiguration;
import io.finemem.api.OutOfLocalResources;
import io.finemem.spi.transport.MemoryRegion;
import java.nio.ByteBuffer;
import java.util.OptionalInt;
import java.util.SortedSet;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Puts regions on one NUMA node: their pages are allocated by a thread that is bound to it, then their mapping is bound, then it is
 * looked where they lie. Thread-safe.
 */
public final class NumaPlacement implements RegionPlacement {
    private static final Logger LOG = LoggerFactory.getLogger(NumaPlacement.class);
    private static final int PIECE_BYTES = 1 << 30;
    private static final int PAGE_BYTES = 4096;
    private static final int MAX_SAMPLES = 1024;
    private static final String KEY = "finemem.memory-node.numa-node";

    private final NumaNodes nodes;
    private final int node;
    private final boolean named;

    private NumaPlacement(NumaNodes nodes, int node, boolean named) {
        this.nodes = nodes;
        this.node = node;
        this.named = named;
    }

    /**
     * The placement that is wished for.
     *
     * @param device name of the RDMA device and maybe its port, such as {@code mlx5_0/1}; anything for other transports
     * @throws InvalidConfiguration if a node is named that this machine has not
     */
    public static RegionPlacement of(NumaWish wish, String device) {
        return of(wish, device, NumaNodes.ofThisMachine());
    }

    static RegionPlacement of(NumaWish wish, String device, NumaNodes nodes) {
        return switch (wish.kind()) {
            case NONE -> RegionPlacement.ANYWHERE;
            case NODE -> named(wish.node(), nodes);
            case AUTO -> automatic(nodes.ofDevice(device.replaceFirst("(?<=[^/])/\\d+$", "")), nodes);
        };
    }

    private static RegionPlacement named(int node, NumaNodes nodes) {
        if (!nodes.withMemory().contains(node)) {
            throw new InvalidConfiguration(KEY + " = " + node + " is not valid: it must be " + allowed(nodes));
        }
        return new NumaPlacement(nodes, node, true);
    }

    private static RegionPlacement automatic(OptionalInt node, NumaNodes nodes) {
        return node.isPresent() ? new NumaPlacement(nodes, node.getAsInt(), false) : RegionPlacement.ANYWHERE;
    }

    /** The values that the setting can have on a machine, in words. */
    public static String allowed(NumaNodes nodes) {
        SortedSet<Integer> there = nodes.withMemory();
        return there.isEmpty()
                ? "auto or none, as the kernel of this machine knows no NUMA nodes"
                : "auto, none, or a NUMA node of this machine that has memory: "
                        + String.join(", ", there.stream().map(String::valueOf).toList());
    }

    /** Without a node that was named, memory elsewhere is better than none. */
    @Override
    public MemoryRegion place(long bytes, Supplier<MemoryRegion> allocation) {
        long available = nodes.availableBytes(node);
        if (bytes > available) {
            if (named) {
                throw tooLittle(bytes, available);
            }
            LOG.warn(
                    "memory lies wherever the kernel puts it: the device's NUMA node {} has {} of {} MiB",
                    node,
                    available >> 20,
                    bytes >> 20);
            return allocation.get();
        }
        MemoryRegion region;
        try {
            region = allocated(allocation);
        } catch (MemoryPolicy.Refused e) {
            if (named) {
                throw refused(e);
            }
            LOG.warn(
                    "memory lies wherever the kernel puts it, not on the device's NUMA node {}: {}",
                    node,
                    e.getMessage());
            return allocation.get();
        }
        try {
            keep(region);
            return region;
        } catch (RuntimeException e) {
            region.close();
            throw e;
        }
    }

    private MemoryRegion allocated(Supplier<MemoryRegion> allocation) throws MemoryPolicy.Refused {
        MemoryRegion region = null;
        try (MemoryPolicy bound = MemoryPolicy.bindThread(node)) {
            LOG.trace("allocating on NUMA node {} [{}]", node, bound);
            region = allocation.get();
            return region;
        } catch (MemoryPolicy.Refused e) {
            if (region != null) {
                region.close(); // the thread could not be unbound
            }
            throw e;
        }
    }

    private OutOfLocalResources tooLittle(long bytes, long available) {
        return new OutOfLocalResources(
                "the NUMA node has too little memory; make the pool smaller, or set " + KEY
                        + " to another one or to none",
                "numaNode",
                node,
                "wantedBytes",
                bytes,
                "availableBytes",
                available);
    }

    private FineMemException refused(MemoryPolicy.Refused e) {
        return new OutOfLocalResources(
                e,
                "the kernel does not let this process place memory (containers need the capability SYS_NICE for it); set "
                        + KEY + " to none",
                "numaNode",
                node,
                "cause",
                e.getMessage());
    }

    private void keep(MemoryRegion region) {
        bind(region);
        try {
            long[] samples = samples(region);
            int elsewhere = 0;
            for (int found : MemoryPolicy.nodesOf(samples)) {
                elsewhere += found == node ? 0 : 1;
            }
            if (elsewhere > 0) {
                throw new OutOfLocalResources(
                        "memory does not lie on the NUMA node that it was allocated on; look at the mount option mpol of"
                                + " the file system, or set " + KEY + " to none",
                        "numaNode",
                        node,
                        "pages",
                        samples.length,
                        "elsewhere",
                        elsewhere);
            }
            LOG.info("{} MiB lie on NUMA node {}, {} pages looked at", region.length() >> 20, node, samples.length);
        } catch (MemoryPolicy.Refused e) {
            LOG.warn("cannot look where memory lies that was allocated on NUMA node {}: {}", node, e.getMessage());
        }
    }

    /** Huge pages stay where they are anyway, and not every part of such a mapping can be bound. */
    private void bind(MemoryRegion region) {
        try {
            for (long at = 0; at < region.length(); at += PIECE_BYTES) {
                MemoryPolicy.bindMemory(region.slice(at, (int) Math.min(PIECE_BYTES, region.length() - at)), node);
            }
        } catch (MemoryPolicy.Refused e) {
            LOG.debug("the mapping is not bound, its pages are where they were allocated: {}", e.getMessage());
        }
    }

    /** Addresses of pages all over the region, read so that this process has them. */
    private static long[] samples(MemoryRegion region) {
        long pages = Math.max(1, region.length() / PAGE_BYTES);
        int count = (int) Math.min(MAX_SAMPLES, pages);
        long[] addresses = new long[count];
        for (int i = 0; i < count; i++) {
            long offset = pages * i / count * PAGE_BYTES;
            region.getWord(offset);
            ByteBuffer page = region.slice(offset, Long.BYTES);
            addresses[i] = MemoryIO.getInstance().getDirectBufferAddress(page);
        }
        return addresses;
    }
}
