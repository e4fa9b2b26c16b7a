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
        return slots[--count];
    }

    void give(int slot) {
        if (count == slots.length) {
            count -= BATCH;
            pool.give(slots, count, BATCH);
        }
        slots[count++] = slot;
    }
}
