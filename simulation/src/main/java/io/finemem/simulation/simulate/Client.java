package io.finemem.simulation.simulate;

import io.finemem.allocator.driver.ChainDriver;
import io.finemem.allocator.layout.Geometry;
import io.finemem.allocator.layout.JournalSlot;
import io.finemem.allocator.search.ChunkSteps;
import io.finemem.allocator.search.PoolView;
import io.finemem.allocator.search.WorkingSpans;
import io.finemem.simulation.step.Violation;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** An owner at one memory node: what the node knows of it, and what it knows itself. */
final class Client implements PoolView {
    /** Sections whose headers are read at once. */
    static final int SECTIONS_PER_PART = ChainDriver.MAX_BULK_WORDS / Geometry.SPANS_PER_SECTION;

    /** As the memory node sees it. */
    enum State {
        LIVE,
        FENCING,
        FENCED,
        GONE
    }

    /** A block that is held. */
    static final class Block {
        final int slot;
        final long entry;
        final int[] rkeys;
        boolean confirmed;
        boolean pinned;

        Block(int slot, long entry, int[] rkeys) {
            this.slot = slot;
            this.entry = entry;
            this.rkeys = rkeys;
        }
    }

    final Node node;
    final int id;
    final int firstSlot;
    State state = State.LIVE;
    long lastHeartbeat;
    long settleRequested;
    long settled;
    /** All connections, to be fenced together. */
    final List<Link> links = new ArrayList<>();

    final long[] headers;
    final long[] sectionWords;
    final List<Block> blocks = new ArrayList<>();
    final ArrayDeque<Integer> freeSlots = new ArrayDeque<>();
    /** Slots that are free and may say something. */
    final Set<Integer> stale = new HashSet<>();

    /** Blocks whose revocation was asked for and is not known, by their position in the ring. */
    final Map<Long, Block> waiting = new HashMap<>();

    private long tail;
    private long head;
    final List<Integer> doubts = new ArrayList<>();
    private final Map<Integer, WorkingSpans> working = new HashMap<>();
    private final Map<Integer, ChunkSteps> steps = new HashMap<>();
    boolean settling;
    /** The owner knows that it was fenced, or is dead. */
    boolean ended;

    /** A connection. */
    static final class Link {
        boolean cut;
        /** The time when everything posted has arrived: chains of a connection arrive in order. */
        long arrived;
        /** What was posted and is not known to have completed, in order. */
        final List<Wire.Posted> outstanding = new ArrayList<>();
    }

    /** Takes a position in the revoke ring for a block. */
    long push(Block block) {
        waiting.put(tail, block);
        return tail++;
    }

    boolean ringIsFull() {
        return tail - head >= node.layout.ringEntries();
    }

    /** The head of the ring was read: gives the blocks that were revoked since, whose slots are free again. */
    List<Block> acknowledge(long headOfNode) {
        if (headOfNode > tail) {
            throw new Violation("the memory node revoked more than owner " + id + " asked for");
        }
        List<Block> revoked = new ArrayList<>();
        for (; head < headOfNode; head++) {
            Block block = waiting.remove(head);
            giveSlot(block.slot);
            revoked.add(block);
        }
        return revoked;
    }

    Client(Node node, int id, int segment, long now) {
        this.node = node;
        this.id = id;
        this.firstSlot = node.layout.firstSlot(segment);
        this.lastHeartbeat = now;
        this.headers = new long[node.layout.spans()];
        this.sectionWords = new long[node.layout.sections()];
        for (int i = node.layout.segmentSlots() - 1; i >= 0; i--) {
            freeSlots.push(firstSlot + i);
        }
    }

    /** Spans that a worker works in. */
    WorkingSpans working(int worker) {
        return working.computeIfAbsent(worker, number -> new WorkingSpans(headers.length));
    }

    /** The order in which a worker looks for chunks. */
    ChunkSteps steps(int worker, int startSpan) {
        return steps.computeIfAbsent(
                worker, number -> new ChunkSteps(this, working(worker), node.strict(), startSpan, SECTIONS_PER_PART));
    }

    @Override
    public long header(int span) {
        return headers[span];
    }

    @Override
    public long sectionWord(int section) {
        return sectionWords[section];
    }

    @Override
    public int sections() {
        return sectionWords.length;
    }

    Link connect() {
        Link link = new Link();
        links.removeIf(old -> old.cut);
        links.add(link);
        link.cut = state != State.LIVE;
        return link;
    }

    void fenceAll() {
        links.forEach(link -> link.cut = true);
        state = State.FENCED;
    }

    int takeSlot() {
        int slot = freeSlots.pop();
        stale.add(slot);
        return slot;
    }

    void giveSlot(int slot) {
        freeSlots.push(slot);
    }

    /** What it believes to hold is held. */
    void checkBeliefs() {
        if (state != State.LIVE || ended) {
            return;
        }
        for (Block block : blocks) {
            long entry = node.entry(block.slot);
            boolean run = JournalSlot.type(block.entry) == JournalSlot.SECTIONS;
            long mask = run ? (1L << JournalSlot.mask(block.entry)) - 1 : block.entry & 0xffff_ffffL;
            if (entry != (block.entry & ~0xffff_ffffL | mask)) {
                throw new Violation("an owner believes to hold " + JournalSlot.toString(block.entry) + " under "
                        + node.name(block.slot) + " but holds " + JournalSlot.toString(entry));
            }
            if (node.strict() && !node.windows.valid(block.entry, block.rkeys)) {
                throw new Violation("I11: the rkey that an owner has for " + JournalSlot.toString(block.entry)
                        + " under " + node.name(block.slot) + " is not valid");
            }
        }
    }
}
