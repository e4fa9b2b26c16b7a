package io.finemem.allocator.memorynode;

import io.finemem.allocator.layout.CapabilityWord;
import io.finemem.allocator.layout.Geometry;
import io.finemem.allocator.layout.MetadataLayout;
import io.finemem.allocator.recovery.Revoker;
import io.finemem.api.InvalidConfiguration;
import io.finemem.api.OperationTimeout;
import io.finemem.spi.transport.Capabilities;
import io.finemem.spi.transport.Chain;
import io.finemem.spi.transport.CompletionStatus;
import io.finemem.spi.transport.Connection;
import io.finemem.spi.transport.ConnectionLost;
import io.finemem.spi.transport.ConnectionOptions;
import io.finemem.spi.transport.MemoryRegion;
import io.finemem.spi.transport.MemoryWindow;
import java.util.Arrays;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * A window for every block that can be: one per buddy node of a span (62: 4 to 64 KiB) and of a section (31: 128 KiB to
 * 2 MiB), 1023 per section, all bound when the pool is formatted, because a claim reads the rkey in the chain that claims.
 * The rkey of a node is given only to who holds the node as a block, so to end a block's rkey is to bind one window anew.
 *
 * <p>A window whose old rkeys would come back is exchanged for a new one.
 *
 * <p><b>Thread-safety.</b> Used by one thread at a time.
 */
final class BlockWindows implements Revoker, AutoCloseable {
    private static final int SPAN_NODES = CapabilityWord.NODES_PER_SPAN;
    private static final int SECTION_NODES = CapabilityWord.NODES_PER_SECTION;
    /** Node 1 of a span is a node of its section, node 0 is none. */
    private static final int FIRST_SPAN_NODE = 2;

    private static final int FIRST_SECTION_NODE = 1;
    private static final int WINDOWS_PER_SECTION =
            Geometry.SPANS_PER_SECTION * (SPAN_NODES - FIRST_SPAN_NODE) + SECTION_NODES - FIRST_SECTION_NODE;
    private static final int BATCH = 32;
    private static final byte ZERO = 0;

    private final MetadataLayout layout;
    private final MemoryRegion metadata;
    private final MemoryRegion heap;
    private final int keyPeriod;
    private final boolean zeroOnRevoke;
    private final long timeoutNanos;
    private final MemoryWindow[] windows;
    private final Connection served;
    private final Connection connection;
    private final Chain binds;
    private int[] named = new int[BATCH];
    private int namedCount;
    private long exchanged;

    private BlockWindows(PoolMemory memory, MetadataLayout layout, MemoryNodeOptions options) {
        this.layout = layout;
        this.metadata = memory.metadata();
        this.heap = memory.heap();
        this.keyPeriod = heap.domain().transport().capabilities().windowKeyPeriod();
        this.zeroOnRevoke = options.zeroOnFree();
        this.timeoutNanos = options.fenceTimeout().toNanos();
        this.windows = new MemoryWindow[layout.spans() * SPAN_NODES + layout.sections() * SECTION_NODES];
        ConnectionOptions ends = new ConnectionOptions("loop-back", BATCH, Set.of());
        this.served = heap.domain().newConnection(ends);
        this.connection = heap.domain().newConnection(ends);
        served.connect(connection.descriptor());
        connection.connect(served.descriptor());
        this.binds = connection.newChain(BATCH);
    }

    /**
     * Refuses a transport that cannot guard every block of the pool.
     *
     * @throws InvalidConfiguration with the numbers and what to do
     */
    static void requireRoom(Capabilities capabilities, int sections) {
        if (!capabilities.memoryWindows()) {
            throw new InvalidConfiguration("isolation strict needs memory windows, which this transport does not have:"
                    + " use isolation direct, where owners trust each other");
        }
        long needed = (long) sections * WINDOWS_PER_SECTION;
        if (needed > capabilities.maxWindows()) {
            long most = capabilities.maxWindows() / WINDOWS_PER_SECTION * Geometry.SECTION_BYTES;
            throw new InvalidConfiguration("isolation strict needs " + needed + " memory windows for a pool of "
                    + (long) sections * Geometry.SECTION_BYTES + " bytes, and this transport has "
                    + capabilities.maxWindows() + ": use a pool of at most " + most
                    + " bytes, or isolation direct, where owners trust each other");
        }
    }

    /** Makes and binds a window for every block and stores the rkeys; leaves nothing behind if that fails. */
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
            for (int node = FIRST_SPAN_NODE; node < SPAN_NODES; node++) {
                make(span * SPAN_NODES + node);
            }
        }
        for (int section = 0; section < layout.sections(); section++) {
            for (int node = FIRST_SECTION_NODE; node < SECTION_NODES; node++) {
                make(sectionIndex(section, node));
            }
        }
        bindNamed();
    }

    private void make(int index) {
        windows[index] = heap.domain().newWindow();
        name(index);
        if (namedCount == BATCH) {
            bindNamed();
        }
    }

    private int sectionIndex(int section, int node) {
        return layout.spans() * SPAN_NODES + section * SECTION_NODES + node;
    }

    private void name(int index) {
        if (namedCount == named.length) {
            named = Arrays.copyOf(named, 2 * namedCount);
        }
        named[namedCount++] = index;
    }

    /** A block inside a span; its chunks are one node. */
    void block(int span, int mask) {
        int order = Integer.numberOfTrailingZeros(Integer.bitCount(mask));
        name(span * SPAN_NODES + CapabilityWord.node(Integer.numberOfTrailingZeros(mask), order));
    }

    /** A block of whole spans, or its part in a section; its spans are one node. */
    void spanBlock(int section, int mask) {
        int order = Integer.numberOfTrailingZeros(Integer.bitCount(mask));
        name(sectionIndex(section, CapabilityWord.spanNode(Integer.numberOfTrailingZeros(mask), order)));
    }

    /** Names every node that lies within the chunks: a fenced owner held them as one block or as several. */
    @Override
    public void chunks(int span, int mask) {
        for (int node = FIRST_SPAN_NODE; node < SPAN_NODES; node++) {
            int order = orderOf(node, Geometry.CHUNKS_PER_SPAN_SHIFT);
            int within = Geometry.mask((node << order) - Geometry.CHUNKS_PER_SPAN, order);
            if ((within & mask) == within) {
                name(span * SPAN_NODES + node);
            }
        }
    }

    @Override
    public void spans(int section, int mask) {
        for (int node = FIRST_SECTION_NODE; node < SECTION_NODES; node++) {
            int order = orderOf(node, Geometry.SPANS_PER_SECTION_SHIFT);
            int within = Geometry.spanMask((node << order) - Geometry.SPANS_PER_SECTION, order);
            if ((within & mask) == within) {
                name(sectionIndex(section, node));
            }
        }
    }

    private static int orderOf(int node, int leafDepth) {
        return leafDepth - (Integer.SIZE - 1 - Integer.numberOfLeadingZeros(node));
    }

    /**
     * Ends the rkeys of all blocks named, zeroes them if that is wanted, and stores their new rkeys. In this order: nobody can
     * write any more when a block is zeroed, and nobody knows its new rkey yet.
     *
     * @throws ConnectionLost if the device refused; may be repeated
     * @throws OperationTimeout if a peer does not leave its chain, where peers execute them themselves: name the blocks again
     *     and repeat
     */
    @Override
    public void revoke() {
        awaitEarlierBinds();
        for (int i = 0; i < namedCount; i++) {
            exchangeIfWornOut(named[i]);
        }
        bindNamed();
    }

    /** A bind ends the old rkey, except that of a window which has as many binds behind it as it has rkeys. */
    private void exchangeIfWornOut(int index) {
        if (keyPeriod == 0 || windows[index].bindCount() < keyPeriod - 1) {
            return;
        }
        windows[index].close();
        windows[index] = heap.domain().newWindow();
        exchanged++;
    }

    private void bindNamed() {
        int count = namedCount;
        namedCount = 0; // who was cut off names its blocks again: no window is bound twice for one of its rkeys
        for (int first = 0; first < count; first += BATCH) {
            int end = Math.min(first + BATCH, count);
            binds.clear();
            for (int i = first; i < end; i++) {
                binds.bind(windows[named[i]], heap, offset(named[i]), length(named[i]), PoolMemory.REMOTE);
            }
            CompletionStatus status = connection.execute(binds, timeoutNanos);
            if (status != CompletionStatus.SUCCESS) {
                throw new ConnectionLost("a memory window could not be bound", "status", status);
            }
            publish(first, end);
        }
    }

    /** The chain of an attempt that timed out; the rkeys that it made were published to nobody. */
    private void awaitEarlierBinds() {
        long deadline = System.nanoTime() + timeoutNanos;
        while (connection.chainsInFlight() > 0 && connection.poll() == null) {
            if (System.nanoTime() - deadline > 0) {
                namedCount = 0;
                throw new OperationTimeout(
                        "memory windows are still being bound: a peer does not leave its chain",
                        "millis",
                        TimeUnit.NANOSECONDS.toMillis(timeoutNanos));
            }
            Thread.yield();
        }
    }

    private void publish(int first, int end) {
        for (int i = first; i < end; i++) {
            int index = named[i];
            if (zeroOnRevoke) {
                heap.fill(offset(index), length(index), ZERO);
            }
            long at = capability(index);
            metadata.putWord(at, CapabilityWord.with(metadata.getWord(at), nodeOf(index), windows[index].rkey()));
        }
    }

    private boolean ofSpan(int index) {
        return index < layout.spans() * SPAN_NODES;
    }

    private int sectionOf(int index) {
        return (index - layout.spans() * SPAN_NODES) / SECTION_NODES;
    }

    private int nodeOf(int index) {
        return index % (ofSpan(index) ? SPAN_NODES : SECTION_NODES);
    }

    private long capability(int index) {
        return ofSpan(index)
                ? layout.capability(index / SPAN_NODES, nodeOf(index))
                : layout.spanCapability(sectionOf(index), nodeOf(index));
    }

    private int order(int index) {
        return orderOf(
                nodeOf(index), ofSpan(index) ? Geometry.CHUNKS_PER_SPAN_SHIFT : Geometry.SPANS_PER_SECTION_SHIFT);
    }

    private long offset(int index) {
        int first = nodeOf(index) << order(index);
        if (ofSpan(index)) {
            return Geometry.heapOffset(index / SPAN_NODES, first - Geometry.CHUNKS_PER_SPAN);
        }
        return Geometry.heapOffset(Geometry.spanOf(sectionOf(index), first - Geometry.SPANS_PER_SECTION), 0);
    }

    private long length(int index) {
        return (long) (ofSpan(index) ? Geometry.CHUNK_BYTES : Geometry.SPAN_BYTES) << order(index);
    }

    /** Windows exchanged because their rkeys were used up. */
    long exchanged() {
        return exchanged;
    }

    /** Ends all rkeys and releases the windows. */
    @Override
    public void close() {
        for (int i = 0; i < windows.length; i++) {
            if (windows[i] != null) {
                windows[i].close();
            }
        }
        connection.close();
        served.close();
    }
}
