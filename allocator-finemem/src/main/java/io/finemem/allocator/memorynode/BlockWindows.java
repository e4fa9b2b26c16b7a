package io.finemem.allocator.memorynode;

import io.finemem.allocator.control.BlockKeys;
import io.finemem.allocator.layout.CapabilityWord;
import io.finemem.allocator.layout.Geometry;
import io.finemem.allocator.layout.MetadataLayout;
import io.finemem.allocator.recovery.Revoker;
import io.finemem.api.FineMemException;
import io.finemem.api.InvalidConfiguration;
import io.finemem.spi.transport.Capabilities;
import io.finemem.spi.transport.MemoryRegion;
import java.util.Arrays;

/**
 * A window, or a region, for every block that can be ({@link BlockRanges}), all made when the pool is formatted, because a claim
 * reads the rkey in the chain that claims. The rkey of a node is given only to who holds the node as a block, so to end a block's
 * rkey is to bind one window anew.
 *
 * <p><b>Thread-safety.</b> Used by one thread at a time.
 */
final class BlockWindows implements Revoker, AutoCloseable {
    private static final int BATCH = 32;
    private static final byte ZERO = 0;

    private final MetadataLayout layout;
    private final BlockRanges ranges;
    private final MemoryRegion metadata;
    private final MemoryRegion heap;
    private final boolean zeroOnRevoke;
    private final NodeKeys keys;
    private int[] named = new int[BATCH];
    private int namedCount;
    /** Nodes that are named, a bit each; not a BitSet, which looks for its last bit through all of them when that is cleared. */
    private final long[] waiting;

    private BlockWindows(PoolMemory memory, MetadataLayout layout, MemoryNodeOptions options) {
        this.layout = layout;
        this.ranges = new BlockRanges(layout);
        this.metadata = memory.metadata();
        this.heap = memory.heap();
        this.waiting = new long[(ranges.count() + Long.SIZE - 1) / Long.SIZE];
        this.zeroOnRevoke = options.zeroOnFree();
        this.keys = options.blockKeys() == BlockKeys.REGIONS
                ? new RegionKeys(heap, ranges)
                : new WindowKeys(heap, ranges, BATCH, options.fenceTimeout().toNanos());
    }

    /**
     * Refuses a transport that cannot guard every block of the pool.
     *
     * @throws InvalidConfiguration with the numbers and what to do
     */
    static void requireRoom(Capabilities capabilities, MemoryNodeOptions options) {
        if (options.blockKeys() == BlockKeys.WINDOWS) {
            requireWindows(capabilities, options.sections());
        } else if (!capabilities.remoteRegistration()) {
            throw new InvalidConfiguration(
                    "block keys by regions need a transport that registers parts of memory for peers,"
                            + " which this one does not: use block keys by windows");
        }
    }

    private static void requireWindows(Capabilities capabilities, int sections) {
        if (!capabilities.memoryWindows()) {
            throw new InvalidConfiguration("isolation strict needs memory windows, which this transport does not have:"
                    + " use isolation direct, where owners trust each other");
        }
        long needed = (long) sections * BlockRanges.BLOCKS_PER_SECTION;
        if (needed > capabilities.maxWindows()) {
            long most = capabilities.maxWindows() / BlockRanges.BLOCKS_PER_SECTION * Geometry.SECTION_BYTES;
            throw new InvalidConfiguration("isolation strict needs " + needed + " memory windows for a pool of "
                    + (long) sections * Geometry.SECTION_BYTES + " bytes, and this transport has "
                    + capabilities.maxWindows() + ": use a pool of at most " + most
                    + " bytes, or isolation direct, where owners trust each other");
        }
    }

    /** Makes an rkey for every block and stores them; leaves nothing behind if that fails. */
    static BlockWindows bind(PoolMemory memory, MetadataLayout layout, MemoryNodeOptions options) {
        BlockWindows windows = new BlockWindows(memory, layout, options);
        try {
            windows.bindAll();
            return windows;
        } catch (RuntimeException e) {
            windows.close();
            throw e;
        }
    }

    private void bindAll() {
        for (int span = 0; span < layout.spans(); span++) {
            for (int node = BlockRanges.FIRST_SPAN_NODE; node < BlockRanges.SPAN_NODES; node++) {
                make(ranges.ofSpan(span, node));
            }
        }
        for (int section = 0; section < layout.sections(); section++) {
            for (int node = BlockRanges.FIRST_SECTION_NODE; node < BlockRanges.SECTION_NODES; node++) {
                make(ranges.ofSection(section, node));
            }
        }
        bindNamed();
        forgetNamed();
    }

    private void make(int index) {
        keys.make(index);
        name(index);
        if (namedCount == BATCH) {
            bindNamed();
            forgetNamed();
        }
    }

    private void name(int index) {
        long bit = 1L << index; // of the word that the upper bits of the index choose
        if ((waiting[index / Long.SIZE] & bit) != 0) {
            return;
        }
        waiting[index / Long.SIZE] |= bit;
        if (namedCount == named.length) {
            named = Arrays.copyOf(named, 2 * namedCount);
        }
        named[namedCount++] = index;
    }

    private void forgetNamed() {
        for (int i = 0; i < namedCount; i++) {
            waiting[named[i] / Long.SIZE] = 0; // all that are named are forgotten
        }
        namedCount = 0;
    }

    /** A block inside a span; its chunks are one node. */
    @Override
    public void block(int span, int mask) {
        int order = Integer.numberOfTrailingZeros(Integer.bitCount(mask));
        name(ranges.ofSpan(span, CapabilityWord.node(Integer.numberOfTrailingZeros(mask), order)));
    }

    /** A block of whole spans, or its part in a section; its spans are one node. */
    @Override
    public void spanBlock(int section, int mask) {
        int order = Integer.numberOfTrailingZeros(Integer.bitCount(mask));
        name(ranges.ofSection(section, CapabilityWord.spanNode(Integer.numberOfTrailingZeros(mask), order)));
    }

    /** Names every node that lies within the chunks: a fenced owner held them as one block or as several. */
    @Override
    public void chunks(int span, int mask) {
        for (int node = BlockRanges.FIRST_SPAN_NODE; node < BlockRanges.SPAN_NODES; node++) {
            int order = BlockRanges.orderOf(node, Geometry.CHUNKS_PER_SPAN_SHIFT);
            int within = Geometry.mask((node << order) - Geometry.CHUNKS_PER_SPAN, order);
            if ((within & mask) == within) {
                name(ranges.ofSpan(span, node));
            }
        }
    }

    @Override
    public void spans(int section, int mask) {
        for (int node = BlockRanges.FIRST_SECTION_NODE; node < BlockRanges.SECTION_NODES; node++) {
            int order = BlockRanges.orderOf(node, Geometry.SPANS_PER_SECTION_SHIFT);
            int within = Geometry.spanMask((node << order) - Geometry.SPANS_PER_SECTION, order);
            if ((within & mask) == within) {
                name(ranges.ofSection(section, node));
            }
        }
    }

    /**
     * Ends the rkeys of all blocks named, zeroes them if that is wanted, and stores their new rkeys. In this order: nobody can
     * write any more when a block is zeroed, and nobody knows its new rkey yet.
     *
     * @throws FineMemException if the device refused; may be tried again, on a new connection and with other windows
     */
    @Override
    public void revoke() {
        try {
            keys.prepare(named, namedCount);
            bindNamed();
        } finally {
            forgetNamed();
        }
    }

    private void bindNamed() {
        for (int first = 0; first < namedCount; first += BATCH) {
            int end = Math.min(first + BATCH, namedCount);
            keys.renew(named, first, end);
            publish(first, end);
        }
    }

    private void publish(int first, int end) {
        for (int i = first; i < end; i++) {
            int index = named[i];
            if (zeroOnRevoke) {
                heap.fill(ranges.offset(index), ranges.length(index), ZERO);
            }
            long at = ranges.capability(index);
            metadata.putWord(at, CapabilityWord.with(metadata.getWord(at), ranges.nodeOf(index), keys.rkey(index)));
        }
    }

    /**
     * Whether the rkey in the table is that of the block: none else opens it. One that is being exchanged right now
     * may seem to differ; while nothing is revoked it does not.
     *
     * @param index 0 to {@link #count}
     */
    boolean published(int index) {
        if (!keys.certain(index)) {
            return true;
        }
        return CapabilityWord.rkey(metadata.getWord(ranges.capability(index)), ranges.nodeOf(index))
                == keys.rkey(index);
    }

    /** Numbers of blocks; some are none. */
    int count() {
        return ranges.count();
    }

    /** What is wrong if {@link #published} says no. */
    String mismatch(int index) {
        return "I6: the table does not hold the rkey of the block of " + ranges.length(index) + " bytes at heap offset "
                + ranges.offset(index);
    }

    /** Windows exchanged because their rkeys were used up. */
    long exchanged() {
        return keys.exchanged();
    }

    /** Ends all rkeys. */
    @Override
    public void close() {
        keys.close();
    }
}
