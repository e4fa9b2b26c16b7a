package io.finemem.allocator.owner;

import io.finemem.allocator.procedure.WriteSlots;
import io.finemem.spi.transport.ConnectionLost;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Answers a settle request: makes every journal slot of the owner at one memory node say the truth. Slots of blocks are
 * confirmed, stale entries of free slots erased. A slot that a chain is under way for is left to it: its worker is waited for
 * first, and what it claims afterwards changes a header, which the resolver sees.
 */
final class Settlement {
    /** The wait is part of a heartbeat, of which there are four to a lease. */
    private static final int PARTS = 16;

    private static final long WAITS_PER_LEASE = 16;

    private static final long BEATS_PER_LEASE = 4;

    private final NodeSession node;
    private final Workers workers;
    private final WriteSlots writes;

    Settlement(NodeSession node, Workers workers) {
        this.node = node;
        this.workers = workers;
        this.writes = new WriteSlots(node.layout());
    }

    /** False if a worker stayed busy, so that not all is settled. */
    boolean settle() {
        int last = workers.count() - 1;
        long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(node.leaseMillis()) / BEATS_PER_LEASE;
        for (int position = 0; position <= last; position++) {
            if (!workers.acquire(position, deadline - System.nanoTime())) {
                return false;
            }
            try {
                Lane lane = workers.get(position).lane(node);
                if (position == 0) {
                    awaitRevocations(lane);
                }
                erase(lane, lane.freeSlots());
                if (position == last) {
                    // Last, so that blocks are confirmed for which a chain was under way before.
                    eraseFreeSlotsOfThePool(lane);
                    confirmBlocks(lane);
                }
            } finally {
                workers.release(position);
            }
        }
        return true;
    }

    /** Erases what is left after all blocks were freed. The caller has all workers. */
    void eraseAll() {
        for (int position = 0; position < workers.count(); position++) {
            Lane lane = workers.get(position).lane(node);
            erase(lane, lane.freeSlots());
        }
        eraseFreeSlotsOfThePool(workers.get(0).lane(node));
    }

    /** Answers for an owner that leaves, and may take its time over it. The caller has all workers. */
    void settleAll() {
        eraseAll();
        confirmBlocks(workers.get(0).lane(node));
    }

    /** Slots of freed blocks cover them until they are revoked, and can only then be erased. */
    private void awaitRevocations(Lane lane) {
        try {
            lane.awaitRevocations(TimeUnit.MILLISECONDS.toNanos(node.leaseMillis()) / WAITS_PER_LEASE);
        } catch (ConnectionLost e) {
            lane.reconnect(); // what is not learned now is asked for again
        }
    }

    /** In parts, since other workers take slots meanwhile, but few of them, since each is looked for among all slots. */
    private void eraseFreeSlotsOfThePool(Lane lane) {
        int[] stale = new int[Math.max(WriteSlots.CAPACITY, node.slots().freeSlots() / PARTS)];
        for (int count = node.slots().takeUsed(stale);
                count > 0;
                count = node.slots().takeUsed(stale)) {
            try {
                erase(lane, Arrays.copyOf(stale, count));
            } finally {
                node.slots().give(stale, 0, count);
            }
        }
    }

    private void erase(Lane lane, int[] slots) {
        List<Integer> batch = new ArrayList<>();
        for (int slot : slots) {
            if (node.slots().used(slot)) {
                batch.add(slot);
            }
            if (batch.size() == WriteSlots.CAPACITY) {
                eraseBatch(lane, batch);
            }
        }
        eraseBatch(lane, batch);
    }

    private void eraseBatch(Lane lane, List<Integer> batch) {
        writes.prepare();
        batch.forEach(slot -> writes.add(node.slots().journalSlot(slot), 0));
        write(lane);
        batch.forEach(slot -> node.slots().setUsed(slot, false));
        batch.clear();
    }

    private void confirmBlocks(Lane lane) {
        List<OwnedBlock> batch = new ArrayList<>();
        for (OwnedBlock block : node.slots().blocks()) {
            if (!block.confirmed() && block.pin()) {
                addUnlessMoved(batch, block);
            }
            if (batch.size() == WriteSlots.CAPACITY) {
                confirmBatch(lane, batch);
            }
        }
        confirmBatch(lane, batch);
    }

    /** The object may hold another block since its slot was looked at, one of another node too. */
    private void addUnlessMoved(List<OwnedBlock> batch, OwnedBlock pinned) {
        if (pinned.node() == node && !pinned.confirmed() && !batch.contains(pinned)) {
            batch.add(pinned);
        } else {
            pinned.unpin();
        }
    }

    private void confirmBatch(Lane lane, List<OwnedBlock> batch) {
        try {
            writes.prepare();
            for (OwnedBlock block : batch) {
                writes.add(node.slots().journalSlot(block.slot()), block.ownedEntry());
            }
            write(lane);
            batch.forEach(OwnedBlock::setConfirmed);
        } finally {
            batch.forEach(OwnedBlock::unpin);
            batch.clear();
        }
    }

    private void write(Lane lane) {
        try {
            lane.write(writes);
        } catch (ConnectionLost e) {
            lane.reconnect(); // the old connection is fenced now, so the same writes may be posted again
            lane.write(writes);
        }
    }
}
