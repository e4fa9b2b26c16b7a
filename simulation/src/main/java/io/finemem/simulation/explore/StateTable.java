package io.finemem.simulation.explore;

/** A growing set of 128-bit hashes. */
final class StateTable {
    private static final int INITIAL = 1 << 14;

    private long[] entries = new long[2 * INITIAL];
    private int mask = INITIAL - 1;
    private int size;

    /** Adds a hash; false if it is there already. */
    boolean add(long low, long high) {
        // 0 marks a free place.
        long key = low == 0 ? 1 : low;
        int place = find(entries, mask, key, high);
        if (entries[2 * place] != 0) {
            return false;
        }
        entries[2 * place] = key;
        entries[2 * place + 1] = high;
        size++;
        if (size > mask - mask / 4) {
            grow();
        }
        return true;
    }

    boolean contains(long low, long high) {
        return entries[2 * find(entries, mask, low == 0 ? 1 : low, high)] != 0;
    }

    int size() {
        return size;
    }

    private static int find(long[] entries, int mask, long low, long high) {
        int place = (int) low & mask;
        while (entries[2 * place] != 0 && (entries[2 * place] != low || entries[2 * place + 1] != high)) {
            place = place + 1 & mask;
        }
        return place;
    }

    private void grow() {
        int wider = mask << 1 | 1;
        long[] grown = new long[2 * (wider + 1)];
        for (int i = 0; i <= mask; i++) {
            if (entries[2 * i] != 0) {
                int place = find(grown, wider, entries[2 * i], entries[2 * i + 1]);
                grown[2 * place] = entries[2 * i];
                grown[2 * place + 1] = entries[2 * i + 1];
            }
        }
        entries = grown;
        mask = wider;
    }
}
