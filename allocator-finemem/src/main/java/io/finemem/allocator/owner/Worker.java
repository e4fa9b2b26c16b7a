package io.finemem.allocator.owner;

import io.finemem.allocator.OperationCosts;
import io.finemem.allocator.driver.CostMeter;
import io.finemem.allocator.layout.Geometry;
import io.finemem.api.FineMemException;
import io.finemem.api.MemoryNodeLost;
import io.finemem.api.OutOfLocalResources;
import io.finemem.api.OwnerFenced;
import io.finemem.spi.placement.PlacementPolicy;
import io.finemem.spi.transport.ConnectionLost;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A set of lanes, one per memory node, used by one thread at a time. Places blocks on the nodes and counts what its operations
 * cost.
 */
final class Worker {
    private static final int MAX_RECONNECTIONS = 2;
    /** A stash that was not used for so long is given back. */
    private static final long STASH_IDLE_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

    /** By the nodes' indices; only added to, also while the worker is used. */
    private volatile Lane[] lanes;

    private final CostMeter meter;
    private final Claims claims = new Claims();
    private final LookAgain relook;
    private final NodeChoice choice;
    private final OperationProbe probe = new OperationProbe();

    private long allocations;
    private long allocatedBytes;
    private long allocationDoorbells;
    private long allocationRoundTrips;
    private long allocationVerbs;
    private long frees;
    private long freedBytes;
    private long freeDoorbells;
    private long freeRoundTrips;
    private long freeVerbs;

    Worker(Lane[] lanes, CostMeter meter, NodeChoice choice) {
        this.lanes = lanes;
        this.meter = meter;
        this.choice = choice;
        this.relook = new LookAgain(this);
    }

    /** A node joined; its lane's index is the next one. One thread at a time. */
    void addLane(Lane lane) {
        Lane[] more = Arrays.copyOf(lanes, lanes.length + 1);
        more[lanes.length] = lane;
        lanes = more;
    }

    Lane lane(NodeSession node) {
        return lanes[node.index()];
    }

    Lane[] lanes() {
        return lanes;
    }

    /** A block that a lane has in stash, that of the chosen node first; null if there is none of that size. */
    @Nullable
    OwnedBlock takeStashed(long bytes, String label) {
        int order = Geometry.orderOf(bytes);
        if (order >= Geometry.SPAN_ORDER) {
            return null;
        }
        Lane[] all = lanes;
        choice.begin(all, label);
        for (int at = choice.next(bytes); at != PlacementPolicy.NONE; at = choice.next(bytes)) {
            OwnedBlock block = all[at].stash().take(order);
            if (block != null) {
                return block;
            }
        }
        return null;
    }

    /** Keeps a freed block in stash instead of freeing it, if there is room. */
    boolean keep(OwnedBlock block) {
        Lane lane = lane(block.node());
        if (!block.node().accepts() || !lane.keep(block)) {
            return false;
        }
        countFree(block.length());
        return true;
    }

    /** Gives back what is in stash at a node; whether that was anything. */
    boolean giveBackStash(NodeSession node) {
        List<OwnedBlock> blocks = lane(node).stash().drain();
        blocks.forEach(OwnedBlock::markFreed);
        if (!blocks.isEmpty()) {
            blocks.sort(Comparator.comparingLong(OwnedBlock::address));
            giveBack(node, blocks);
        }
        return !blocks.isEmpty();
    }

    /** Gives back what is in stash at a node if it was not used for a while. */
    void giveBackIdleStash(NodeSession node) {
        if (lane(node).stash().idle(System.nanoTime(), STASH_IDLE_NANOS)) {
            giveBackStash(node);
        }
    }

    /**
     * Claims a block on the chosen node, or the next one chosen that has room, or more of those wanted if one compare-and-swap can
     * do it.
     *
     * @param label that the node must have, or empty
     * @param wanted blocks, 1 or more
     * @param needed of these, how many where others work or room is short, 1 or more
     * @return where they are, with {@link #claims} valid until the next call, or null if no node has room for one
     * @throws MemoryNodeLost if a node failed and no other has room
     * @throws OwnerFenced if a node declared this owner dead and no other has room
     * @throws OutOfLocalResources if a node's journal is full and no other has room
     */
    @Nullable
    Lane allocate(long bytes, String label, int wanted, int needed) {
        FineMemException lost = null;
        long doorbells = meter.doorbells();
        long roundTrips = meter.roundTrips();
        long verbs = meter.verbs();
        long retries = retries();
        Lane found = null;
        for (int look = 0; found == null && (look == 0 || relook.again(look, retries() != retries)); look++) {
            Lane[] all = lanes;
            choice.begin(all, label);
            int at = choice.next(bytes);
            while (found == null && at != PlacementPolicy.NONE) {
                try {
                    found = allocateIn(all[at], bytes, wanted, needed) ? all[at] : null;
                } catch (MemoryNodeLost | OwnerFenced | OutOfLocalResources e) {
                    lost = e;
                }
                at = found == null ? choice.next(bytes) : at;
            }
        }
        countAllocationCosts(doorbells, roundTrips, verbs);
        if (found == null) {
            throwIfLost(lost);
        }
        return found;
    }

    /** No room was found, but a node is lost, now or before, that might have had some. */
    private void throwIfLost(@Nullable FineMemException lost) {
        if (lost != null) {
            throw lost;
        }
        for (Lane lane : lanes) {
            if (!lane.node().retired()) {
                lane.node().requireUsable();
            }
        }
    }

    private void countAllocationCosts(long doorbells, long roundTrips, long verbs) {
        allocationDoorbells += meter.doorbells() - doorbells;
        allocationRoundTrips += meter.roundTrips() - roundTrips;
        allocationVerbs += meter.verbs() - verbs;
    }

    /** After a failed connection the allocation starts anew on a new one; what the old one did is decided elsewhere. */
    private boolean allocateIn(Lane lane, long bytes, int wanted, int needed) {
        for (int attempt = 0; ; attempt++) {
            try {
                boolean claimed = lane.allocate(bytes, claims.want(wanted, needed));
                if (claimed) {
                    lane.countClaimed(claims.size() * claims.get(0).length());
                }
                return claimed;
            } catch (ConnectionLost e) {
                if (attempt == MAX_RECONNECTIONS) {
                    throw lane.node().lose(e);
                }
                reconnect(lane, e);
            }
        }
    }

    static void reconnect(Lane lane, ConnectionLost cause) {
        try {
            lane.reconnect();
        } catch (FineMemException e) {
            e.addSuppressed(cause);
            throw lane.node().lose(e);
        }
    }

    /** Where the blocks of the latest allocation are; one or more. */
    Claims claims() {
        return claims;
    }

    void free(OwnedBlock block) {
        Lane lane = lane(block.node());
        lane.node().requireUsable();
        long doorbells = meter.doorbells();
        long roundTrips = meter.roundTrips();
        long verbs = meter.verbs();
        freeIn(lane, block);
        countFree(block.length());
        lane.countClaimed(-block.length());
        freeDoorbells += meter.doorbells() - doorbells;
        freeRoundTrips += meter.roundTrips() - roundTrips;
        freeVerbs += meter.verbs() - verbs;
        trim(lane, block);
    }

    private static void freeIn(Lane lane, OwnedBlock block) {
        for (int attempt = 0; ; attempt++) {
            try {
                if (attempt == 0) {
                    lane.free(block);
                } else {
                    lane.completeFree(block);
                }
                return;
            } catch (ConnectionLost e) {
                if (attempt == MAX_RECONNECTIONS) {
                    throw lane.node().lose(e);
                }
                reconnect(lane, e);
            }
        }
    }

    /**
     * Frees blocks of one node.
     *
     * @param blocks marked as freed, in order of their places
     */
    void freeAll(NodeSession node, List<OwnedBlock> blocks) {
        node.requireUsable();
        long doorbells = meter.doorbells();
        long roundTrips = meter.roundTrips();
        long verbs = meter.verbs();
        Lane lane = lane(node);
        freeChains(lane, blocks);
        for (OwnedBlock block : blocks) {
            countFree(block.length());
            lane.countClaimed(-block.length());
        }
        freeDoorbells += meter.doorbells() - doorbells;
        freeRoundTrips += meter.roundTrips() - roundTrips;
        freeVerbs += meter.verbs() - verbs;
        trimAll(lane, blocks);
    }

    /** Frees blocks of one node that no application has; counted as part of allocations. */
    void giveBack(NodeSession node, List<OwnedBlock> blocks) {
        node.requireUsable();
        long doorbells = meter.doorbells();
        long roundTrips = meter.roundTrips();
        long verbs = meter.verbs();
        freeChains(lane(node), blocks);
        countAllocationCosts(doorbells, roundTrips, verbs);
    }

    private static void freeChains(Lane lane, List<OwnedBlock> blocks) {
        BlockFrees chains = lane.freesInChains();
        if (chains == null) {
            blocks.forEach(block -> freeIn(lane, block));
            return;
        }
        int failures = 0;
        int from = 0;
        while (from < blocks.size()) {
            int end = chains.fill(blocks, from);
            try {
                chains.post(blocks, from, end);
            } catch (ConnectionLost e) {
                if (failures++ == MAX_RECONNECTIONS) {
                    throw lane.node().lose(e);
                }
                reconnect(lane, e); // the memory node completes the frees that were cut off
            }
            from = end;
        }
    }

    private static void trimAll(Lane lane, List<OwnedBlock> blocks) {
        for (int i = 0; i < blocks.size(); i++) {
            if (i == 0 || !BlockFrees.sameWord(blocks.get(i - 1), blocks.get(i))) {
                trim(lane, blocks.get(i));
            }
        }
    }

    private static void trim(Lane lane, OwnedBlock block) {
        try {
            lane.trim(block);
        } catch (ConnectionLost e) {
            reconnect(lane, e);
        }
    }

    /** Closes a span that pipelined frees left empty, if it is surplus. */
    static void trim(Lane lane, int span) {
        try {
            lane.trim(span);
        } catch (ConnectionLost e) {
            reconnect(lane, e);
        }
    }

    OperationProbe probe() {
        return probe;
    }

    CostMeter meter() {
        return meter;
    }

    /** What was posted or waited for by other ways than {@link #allocate} and {@link #free}. */
    void addCosts(boolean allocating, long doorbells, long roundTrips, long verbs) {
        if (allocating) {
            allocationDoorbells += doorbells;
            allocationRoundTrips += roundTrips;
            allocationVerbs += verbs;
        } else {
            freeDoorbells += doorbells;
            freeRoundTrips += roundTrips;
            freeVerbs += verbs;
        }
    }

    void countFree(long bytes) {
        frees++;
        freedBytes += bytes;
        probe.countFree(bytes);
    }

    /** The application got a block of that many bytes. */
    void countAllocation(long bytes) {
        allocations++;
        allocatedBytes += bytes;
        probe.countAllocation(bytes);
    }

    OperationCosts allocationCosts() {
        return new OperationCosts(allocations, allocationDoorbells, allocationRoundTrips, allocationVerbs);
    }

    OperationCosts freeCosts() {
        return new OperationCosts(frees, freeDoorbells, freeRoundTrips, freeVerbs);
    }

    long liveBytes() {
        return allocatedBytes - freedBytes;
    }

    long retries() {
        long sum = 0;
        for (Lane lane : lanes) {
            sum += lane.retries();
        }
        return sum;
    }

    void close() {
        for (Lane lane : lanes) {
            lane.close();
        }
    }
}
