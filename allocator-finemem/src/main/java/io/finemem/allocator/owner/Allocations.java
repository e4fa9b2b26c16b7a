package io.finemem.allocator.owner;

import io.finemem.allocator.event.AllocationEvent;
import io.finemem.allocator.layout.Geometry;
import io.finemem.api.FineMemException;
import io.finemem.api.InvalidRequest;
import io.finemem.api.OutOfLocalResources;
import io.finemem.api.OutOfRemoteMemory;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * How an owner claims blocks: one, or many of one length; from the stash of a worker where there is one, otherwise in the
 * pools.
 *
 * <p><b>Thread-safety.</b> All methods may be called by any thread.
 */
final class Allocations {
    /** No label is asked for. */
    private static final String ANY = "";

    private final Membership members;
    private final Workers workers;
    private final int runAhead;
    private final long timeoutNanos;
    private final LongAdder failed = new LongAdder();

    Allocations(Membership members, Workers workers, int runAhead, long timeoutNanos) {
        this.members = members;
        this.workers = workers;
        this.runAhead = runAhead;
        this.timeoutNanos = timeoutNanos;
    }

    long maxBlockBytes() {
        return members.maxBlockBytes();
    }

    /** Allocations that ended with an exception. */
    long failed() {
        return failed.sum();
    }

    /**
     * Claims a block, or takes one that was claimed ahead.
     *
     * @param label that its node must have, or empty
     * @param into what shall hold the block, vacant; null for a new one
     */
    OwnedBlock allocate(long bytes, String label, @Nullable OwnedBlock into) {
        checkLength(bytes);
        members.checkLabel(label);
        try {
            return AllocationEvent.recorded()
                    ? allocateRecorded(bytes, label, into)
                    : allocateInTwoAttempts(bytes, label, into);
        } catch (FineMemException e) {
            failed.increment();
            throw e;
        }
    }

    private OwnedBlock allocateRecorded(long bytes, String label, @Nullable OwnedBlock into) {
        AllocationEvent event = new AllocationEvent();
        event.begin();
        OwnedBlock block = allocateInTwoAttempts(bytes, label, into);
        event.done(bytes, 1);
        return block;
    }

    private OwnedBlock allocateInTwoAttempts(long bytes, String label, @Nullable OwnedBlock into) {
        try {
            return allocateOne(bytes, label, into);
        } catch (OutOfRemoteMemory | OutOfLocalResources e) {
            if (!giveBackStashes()) {
                throw e;
            }
            return allocateOne(bytes, label, into);
        }
    }

    private OwnedBlock allocateOne(long bytes, String label, @Nullable OwnedBlock into) {
        int position = workers.acquire();
        try {
            Worker worker = workers.get(position);
            long begun = worker.probe().beginAllocation();
            OwnedBlock stashed = runAhead == 0 ? null : worker.takeStashed(bytes, label);
            OwnedBlock block = stashed == null
                    ? claim(worker, bytes, label, claimedAtOnce(bytes), into)
                    : fromStash(worker, stashed, into);
            worker.countAllocation(block.length());
            worker.probe().allocated(begun, block.length());
            return block;
        } finally {
            workers.release(position);
        }
    }

    private static OwnedBlock fromStash(Worker worker, OwnedBlock stashed, @Nullable OwnedBlock into) {
        if (into == null) {
            return stashed;
        }
        worker.lane(stashed.node()).stash().move(stashed, into);
        return registered(into);
    }

    private int claimedAtOnce(long bytes) {
        return Geometry.orderOf(bytes) < Geometry.SPAN_ORDER ? Math.max(1, runAhead) : 1;
    }

    /** Claims a block for the pump, with its worker. */
    OwnedBlock allocateWith(Worker worker, long bytes) {
        OwnedBlock block = claimInTwoAttempts(worker, bytes);
        worker.countAllocation(block.length());
        return block;
    }

    /** The caller's worker is the pump's, which has no stash and is never lent. */
    private OwnedBlock claimInTwoAttempts(Worker worker, long bytes) {
        try {
            return claim(worker, bytes, ANY, 1, null);
        } catch (OutOfRemoteMemory | OutOfLocalResources e) {
            if (!giveBackStashes()) {
                throw e;
            }
            return claim(worker, bytes, ANY, 1, null);
        }
    }

    /** An asynchronous allocation ended with an exception. */
    void countFailure() {
        failed.increment();
    }

    private OwnedBlock claim(Worker worker, long bytes, String label, int wanted, @Nullable OwnedBlock into) {
        int order = Geometry.orderOf(bytes);
        Lane lane = worker.allocate(bytes, label, wanted, 1);
        if (lane == null) {
            throw members.noRoom(bytes, label);
        }
        Claims claims = worker.claims();
        for (int i = 1; i < claims.size(); i++) {
            lane.stash()
                    .put(
                            order,
                            register(lane.node(), claims.get(i), lane.stash().vacant(lane.node())));
        }
        return into == null ? register(lane.node(), claims.get(0)) : register(lane.node(), claims.get(0), into);
    }

    /** Makes the block that was claimed at a place. */
    static OwnedBlock register(NodeSession node, Placement placement) {
        return registered(new OwnedBlock(node, placement));
    }

    private static OwnedBlock register(NodeSession node, Placement placement, OwnedBlock into) {
        into.hold(node, placement);
        return registered(into);
    }

    private static OwnedBlock registered(OwnedBlock block) {
        block.node().slots().setBlock(block.slot(), block);
        return block;
    }

    void checkLength(long bytes) {
        if (bytes < 1 || bytes > maxBlockBytes()) {
            throw new InvalidRequest("a block must have 1 to " + maxBlockBytes() + " bytes", "bytes", bytes);
        }
    }

    /** Claims blocks, all or none. */
    List<OwnedBlock> allocateAll(long bytes, int count) {
        checkLength(bytes);
        if (count < 0) {
            throw new InvalidRequest("the number of blocks must be 0 or more", "count", count);
        }
        try {
            AllocationEvent event = new AllocationEvent();
            event.begin();
            List<OwnedBlock> blocks = allocateAllInTwoAttempts(bytes, count);
            event.done(bytes, count);
            return blocks;
        } catch (FineMemException e) {
            failed.increment();
            throw e;
        }
    }

    private List<OwnedBlock> allocateAllInTwoAttempts(long bytes, int count) {
        if (count > members.heapBytes() / bytes) {
            throw members.noRoom(bytes, ANY);
        }
        try {
            return allocateMany(bytes, count);
        } catch (OutOfRemoteMemory | OutOfLocalResources e) {
            if (!giveBackStashes()) {
                throw e;
            }
            return allocateMany(bytes, count);
        }
    }

    private List<OwnedBlock> allocateMany(long bytes, int count) {
        int position = workers.acquire();
        try {
            Worker worker = workers.get(position);
            List<OwnedBlock> blocks = claimAll(worker, bytes, count);
            blocks.forEach(block -> worker.countAllocation(block.length()));
            return blocks;
        } finally {
            workers.release(position);
        }
    }

    private List<OwnedBlock> claimAll(Worker worker, long bytes, int count) {
        List<OwnedBlock> blocks = new ArrayList<>();
        try {
            while (blocks.size() < count) {
                int missing = count - blocks.size();
                Lane lane = worker.allocate(bytes, ANY, missing, missing);
                if (lane == null) {
                    throw members.noRoom(bytes, ANY);
                }
                for (int i = 0; i < worker.claims().size(); i++) {
                    blocks.add(register(lane.node(), worker.claims().get(i)));
                }
            }
            blocks.forEach(block -> block.node().requireUsable());
            return blocks;
        } catch (FineMemException e) {
            giveBack(worker, blocks, e);
            throw e;
        }
    }

    /** Blocks of a node that fails now are left to its recovery. */
    private void giveBack(Worker worker, List<OwnedBlock> blocks, FineMemException cause) {
        blocks.forEach(OwnedBlock::markFreed);
        for (NodeSession node : members.nodes()) {
            try {
                List<OwnedBlock> ofNode = inOrder(blocks, node);
                if (!ofNode.isEmpty()) {
                    worker.giveBack(node, ofNode);
                }
            } catch (FineMemException e) {
                cause.addSuppressed(e);
            }
        }
    }

    /** Those of one node, in order of their places, so that blocks of one word are side by side. */
    static List<OwnedBlock> inOrder(List<OwnedBlock> blocks, NodeSession node) {
        return blocks.stream()
                .filter(block -> block.node() == node)
                .sorted(Comparator.comparingLong(OwnedBlock::address))
                .toList();
    }

    /** Nothing is held for later while an allocation finds no room; whether something was held. */
    private boolean giveBackStashes() {
        boolean held = false;
        long deadline = System.nanoTime() + timeoutNanos;
        for (int position = 0; position < workers.lent() && runAhead > 0; position++) {
            if (workers.acquire(position, deadline - System.nanoTime())) {
                try {
                    for (NodeSession node : members.nodes()) {
                        held |= node.usable() && workers.get(position).giveBackStash(node);
                    }
                } finally {
                    workers.release(position);
                }
            }
        }
        return held;
    }
}
