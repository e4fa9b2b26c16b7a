package io.finemem.allocator.owner;

/** Free journal slots at a worker's hand. Used by the thread that holds the worker. */
final class SlotCache {
    private static final int BATCH = 32;

    private final SlotPool pool;
    private final int[] slots = new int[2 * BATCH];
    private int count;

    SlotCache(SlotPool pool) {
        this.pool = pool;
    }

    int take() {
        if (count == 0) {
            count = pool.take(slots, BATCH);
        }
        int slot = slots[--count];
        pool.setUsed(slot, true);
        return slot;
    }

    int size() {
        return count;
    }

    /** A slot that is free, by its position. */
    int get(int index) {
        return slots[index];
    }

    void give(int slot) {
        if (count == slots.length) {
            count -= BATCH;
            pool.give(slots, count, BATCH);
        }
        slots[count++] = slot;
    }
}
