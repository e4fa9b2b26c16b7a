package io.finemem.allocator.memorynode;

import io.finemem.allocator.layout.CapabilityWord;
import io.finemem.allocator.layout.Geometry;
import io.finemem.allocator.layout.MetadataLayout;
import io.finemem.allocator.recovery.Revoker;
import io.finemem.api.FineMemException;
import io.finemem.api.InvalidConfiguration;
import io.finemem.spi.transport.Capabilities;
import io.finemem.spi.transport.Chain;
import io.finemem.spi.transport.CompletionStatus;
import io.finemem.spi.transport.Connection;
import io.finemem.spi.transport.ConnectionLost;
import io.finemem.spi.transport.ConnectionOptions;
import io.finemem.spi.transport.MemoryRegion;
import io.finemem.spi.transport.MemoryWindow;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Set;

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
    private Connection served;
    private Connection connection;
    private Chain binds;
    private boolean broken;
    private int[] named = new int[BATCH];
    private int namedCount;
    /** Windows that are named, each once. */
    private final BitSet waiting = new BitSet();
    /** Windows of which it is not known which rkey they have. */
    private final BitSet suspect = new BitSet();

    private long exchanged;

    private BlockWindows(PoolMemory memory, MetadataLayout layout, MemoryNodeOptions options) {
        this.layout = layout;
        this.metadata = memory.metadata();
        this.heap = memory.heap();
        this.keyPeriod = heap.domain().transport().capabilities().windowKeyPeriod();
        this.zeroOnRevoke = options.zeroOnFree();
        this.timeoutNanos = options.fenceTimeout().toNanos();
        this.windows = new MemoryWindow[layout.spans() * SPAN_NODES + layout.sections() * SECTION_NODES];
        connect();
    }

    private void connect() {
        ConnectionOptions ends = new ConnectionOptions("loop-back", BATCH, Set.of());
        served = heap.domain().newConnection(ends);
        connection = heap.domain().newConnection(ends);
        served.connect(connection.descriptor());
        connection.connect(served.descriptor());
        binds = connection.newChain(BATCH);
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
        forgetNamed();
    }

    private void make(int index) {
        windows[index] = heap.domain().newWindow();
        name(index);
        if (namedCount == BATCH) {
            bindNamed();
            forgetNamed();
        }
    }

    private int sectionIndex(int section, int node) {
        return layout.spans() * SPAN_NODES + section * SECTION_NODES + node;
    }

    private void name(int index) {
        if (waiting.get(index)) {
            return;
        }
        waiting.set(index);
        if (namedCount == named.length) {
            named = Arrays.copyOf(named, 2 * namedCount);
        }
        named[namedCount++] = index;
    }

    private void forgetNamed() {
        for (int i = 0; i < namedCount; i++) {
            waiting.clear(named[i]);
        }
        namedCount = 0;
    }

    /** A block inside a span; its chunks are one node. */
    @Override
    public void block(int span, int mask) {
        int order = Integer.numberOfTrailingZeros(Integer.bitCount(mask));
        name(span * SPAN_NODES + CapabilityWord.node(Integer.numberOfTrailingZeros(mask), order));
    }

    /** A block of whole spans, or its part in a section; its spans are one node. */
    @Override
    public void spanBlock(int section, int mask) {
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
     * @throws FineMemException if the device refused; may be tried again, on a new connection and with other windows
     */
    @Override
    public void revoke() {
        try {
            reconnectIfBroken();
            for (int i = 0; i < namedCount; i++) {
                exchangeIfWornOut(named[i]);
            }
            bindNamed();
        } finally {
            forgetNamed();
        }
    }

    /** What was posted on the connection that failed never executes any more. */
    private void reconnectIfBroken() {
        if (broken) {
            connection.close();
            served.close();
            connect();
            broken = false;
        }
    }

    /** A bind ends the old rkey, except that of a window which has as many binds behind it as it has rkeys. */
    private void exchangeIfWornOut(int index) {
        boolean wornOut = keyPeriod > 0 && windows[index].bindCount() >= keyPeriod - 1;
        if (!wornOut && !suspect.get(index)) {
            return;
        }
        windows[index].close();
        windows[index] = heap.domain().newWindow();
        suspect.clear(index);
        exchanged++;
    }

    private void bindNamed() {
        for (int first = 0; first < namedCount; first += BATCH) {
            int end = Math.min(first + BATCH, namedCount);
            binds.clear();
            for (int i = first; i < end; i++) {
                binds.bind(windows[named[i]], heap, offset(named[i]), length(named[i]), PoolMemory.REMOTE);
            }
            execute(first, end);
            publish(first, end);
        }
    }

    private void execute(int first, int end) {
        CompletionStatus status = CompletionStatus.IN_FLIGHT;
        try {
            status = connection.execute(binds, timeoutNanos);
        } finally {
            broken = status != CompletionStatus.SUCCESS;
            for (int i = first; i < end && broken; i++) {
                suspect.set(named[i]);
            }
        }
        if (broken) {
            throw new ConnectionLost("memory windows could not be bound", "windows", end - first, "status", status);
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

    /**
     * Whether the rkey in the table is that of the block's window: none else opens it. A window that is being bound right now
     * may seem to differ; while nothing is revoked it does not.
     *
     * @param index 0 to {@link #count}
     */
    boolean published(int index) {
        if (windows[index] == null || suspect.get(index)) {
            return true;
        }
        return CapabilityWord.rkey(metadata.getWord(capability(index)), nodeOf(index)) == windows[index].rkey();
    }

    /** Positions of windows, some without one. */
    int count() {
        return windows.length;
    }

    /** What is wrong if {@link #published} says no. */
    String mismatch(int index) {
        return "I6: the table does not hold the rkey of the block of " + length(index) + " bytes at heap offset "
                + offset(index);
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
