package io.finemem.allocator.owner;

import io.finemem.allocator.OperationCosts;
import io.finemem.allocator.driver.CostMeter;
import io.finemem.api.FineMemException;
import io.finemem.api.MemoryNodeLost;
import io.finemem.api.OutOfLocalResources;
import io.finemem.api.OwnerFenced;
import io.finemem.spi.transport.ConnectionLost;
import org.jspecify.annotations.Nullable;

/**
 * A set of lanes, one per memory node, used by one thread at a time. Places blocks round-robin over the nodes and counts
 * what its operations cost.
 */
final class Worker {
    private static final int MAX_RECONNECTIONS = 2;

    private final Lane[] lanes;
    private final CostMeter meter;
    private final Placement placement = new Placement();
    private int nextLane;

    private long allocations;
    private long allocatedBytes;
    private long failedAllocations;
    private long allocationDoorbells;
    private long allocationRoundTrips;
    private long allocationVerbs;
    private long frees;
    private long freedBytes;
    private long freeDoorbells;
    private long freeRoundTrips;
    private long freeVerbs;

    Worker(Lane[] lanes, CostMeter meter, int firstLane) {
        this.lanes = lanes;
        this.meter = meter;
        this.nextLane = firstLane;
    }

    Lane lane(NodeSession node) {
        return lanes[node.index()];
    }

    Lane[] lanes() {
        return lanes;
    }

    /**
     * Claims a block on the next node that has room.
     *
     * @return where it is, valid until the next call, or null if no node has room
     * @throws MemoryNodeLost if a node failed and no other has room
     * @throws OwnerFenced if a node declared this owner dead and no other has room
     * @throws OutOfLocalResources if a node's journal is full and no other has room
     */
    @Nullable
    Lane allocate(long bytes) {
        FineMemException lost = null;
        long doorbells = meter.doorbells();
        long roundTrips = meter.roundTrips();
        long verbs = meter.verbs();
        Lane found = null;
        for (int tried = 0; tried < lanes.length && found == null; tried++) {
            Lane lane = lanes[nextLane];
            nextLane = nextLane + 1 == lanes.length ? 0 : nextLane + 1;
            try {
                lane.node().requireUsable();
                found = allocateIn(lane, bytes) ? lane : null;
            } catch (MemoryNodeLost | OwnerFenced | OutOfLocalResources e) {
                lost = e;
            }
        }
        allocationDoorbells += meter.doorbells() - doorbells;
        allocationRoundTrips += meter.roundTrips() - roundTrips;
        allocationVerbs += meter.verbs() - verbs;
        if (found == null) {
            failedAllocations++;
            if (lost != null) {
                throw lost;
            }
        } else {
            allocations++;
        }
        return found;
    }

    /** After a failed connection the allocation starts anew on a new one; what the old one did is decided elsewhere. */
    private boolean allocateIn(Lane lane, long bytes) {
        for (int attempt = 0; ; attempt++) {
            try {
                return lane.allocate(bytes, placement);
            } catch (ConnectionLost e) {
                if (attempt == MAX_RECONNECTIONS) {
                    throw lane.node().lose(e);
                }
                reconnect(lane, e);
            }
        }
    }

    private static void reconnect(Lane lane, ConnectionLost cause) {
        try {
            lane.reconnect();
        } catch (FineMemException e) {
            e.addSuppressed(cause);
            throw lane.node().lose(e);
        }
    }

    /** Where the latest allocation is. */
    Placement placement() {
        return placement;
    }

    void free(OwnedBlock block) {
        Lane lane = lane(block.node());
        lane.node().requireUsable();
        long doorbells = meter.doorbells();
        long roundTrips = meter.roundTrips();
        long verbs = meter.verbs();
        freeIn(lane, block);
        frees++;
        freedBytes += block.length();
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

    void countAllocation() {
        allocations++;
    }

    void countFree(long bytes) {
        frees++;
        freedBytes += bytes;
    }

    void countBytes(long bytes) {
        allocatedBytes += bytes;
    }

    OperationCosts allocationCosts() {
        return new OperationCosts(allocations, allocationDoorbells, allocationRoundTrips, allocationVerbs);
    }

    OperationCosts freeCosts() {
        return new OperationCosts(frees, freeDoorbells, freeRoundTrips, freeVerbs);
    }

    long failedAllocations() {
        return failedAllocations;
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
