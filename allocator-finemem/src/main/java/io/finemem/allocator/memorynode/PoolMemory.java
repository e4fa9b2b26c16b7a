package io.finemem.allocator.memorynode;

import io.finemem.allocator.control.ConnectionPurpose;
import io.finemem.allocator.control.Isolation;
import io.finemem.allocator.layout.CapabilityWord;
import io.finemem.allocator.layout.MetadataLayout;
import io.finemem.allocator.layout.Superblock;
import io.finemem.spi.transport.Access;
import io.finemem.spi.transport.MemoryRegion;
import io.finemem.spi.transport.ProtectionDomain;
import io.finemem.spi.transport.Transport;
import java.util.EnumSet;
import java.util.Set;

/**
 * The memory of a node: metadata and heap, each in a protection domain of its own, so that no connection that serves data
 * opens the metadata, whatever key is presented on it.
 *
 * @param metadata the tables of {@link MetadataLayout}
 * @param heap the blocks
 */
record PoolMemory(MemoryRegion metadata, MemoryRegion heap) implements AutoCloseable {
    /** What peers may do with either region. */
    static final Set<Access> REMOTE = EnumSet.of(Access.REMOTE_READ, Access.REMOTE_WRITE, Access.REMOTE_ATOMIC);

    /** The heap in strict isolation has no rkey of its own. */
    private static final Set<Access> WINDOWS_ONLY = EnumSet.of(Access.WINDOW_BIND);

    /** Reserves both regions, zeroed; releases everything if one cannot be had. */
    static PoolMemory reserve(
            Transport transport, MetadataLayout layout, Isolation isolation, RegionPlacement placement) {
        MemoryRegion metadata = reserve(transport.newDomain(), layout.bytes(), REMOTE, placement);
        try {
            Set<Access> access = isolation == Isolation.STRICT ? WINDOWS_ONLY : REMOTE;
            return new PoolMemory(metadata, reserve(transport.newDomain(), layout.heapBytes(), access, placement));
        } catch (RuntimeException e) {
            release(metadata);
            throw e;
        }
    }

    private static MemoryRegion reserve(
            ProtectionDomain domain, long bytes, Set<Access> access, RegionPlacement placement) {
        try {
            return placement.place(bytes, () -> domain.allocate(bytes, access));
        } catch (RuntimeException e) {
            domain.close();
            throw e;
        }
    }

    private static void release(MemoryRegion region) {
        region.close();
        region.domain().close();
    }

    /** The heap's own rkey as the capability of every block: direct isolation. */
    void shareHeap(MetadataLayout layout) {
        long rkeys = CapabilityWord.of(heap.rkey(), heap.rkey());
        for (int span = 0; span < layout.spans(); span++) {
            for (int node = 0; node < CapabilityWord.NODES_PER_SPAN; node += 2) {
                metadata.putWord(layout.capability(span, node), rkeys);
            }
        }
        for (int section = 0; section < layout.sections(); section++) {
            for (int node = 0; node < CapabilityWord.NODES_PER_SECTION; node += 2) {
                metadata.putWord(layout.spanCapability(section, node), rkeys);
            }
        }
    }

    /** Writes the superblock. Sections and headers are zero as reserved: all spans empty and closed. */
    void format(MetadataLayout layout, long bootNonce) {
        Superblock superblock = new Superblock(
                bootNonce, layout.sections(), layout.journalSegments(), layout.segmentSlots(), layout.ringEntries());
        long[] words = superblock.words();
        for (int i = words.length - 1; i >= 0; i--) {
            metadata.putWord((long) i * Long.BYTES, words[i]);
        }
    }

    /** The domain that connections of a purpose serve. */
    ProtectionDomain domain(ConnectionPurpose purpose) {
        return switch (purpose) {
            case METADATA -> metadata.domain();
            case HEAP -> heap.domain();
        };
    }

    @Override
    public void close() {
        release(heap);
        release(metadata);
    }
}
