package io.finemem.simulation.explore;

/**
 * A growing set of hashes of 126 bits, each with up to two marks:
 *
 * <pre>
 *   low 64 | high 62  marks 2
 * </pre>
 */
final class StateTable {
    /** It was reached. */
    static final int REACHED = 1;
    /** Its ending is known. */
    static final int ENDS = 2;

    private static final int MARKS = REACHED | ENDS;
    private static final int INITIAL = 1 << 14;

    private long[] entries = new long[2 * INITIAL];
    private int mask = INITIAL - 1;
    private int used;
    private int reached;

    /** Marks a hash; false if it has that mark already. */
    boolean mark(long low, long high, int mark) {
        // 0 marks a free place.
        long key = low == 0 ? 1 : low;
        int place = find(entries, mask, key, high);
        if (entries[2 * place] == 0) {
            entries[2 * place] = key;
            entries[2 * place + 1] = high & ~MARKS;
            used++;
        } else if ((entries[2 * place + 1] & mark) != 0) {
            return false;
        }
        entries[2 * place + 1] |= mark;
        reached += mark == REACHED ? 1 : 0;
        if (used > mask - mask / 4) {
            grow();
        }
        return true;
    }

    /** Hashes that were reached. */
    int reached() {
        return reached;
    }

    private static int find(long[] entries, int mask, long low, long high) {
        int place = (int) low & mask;
        while (entries[2 * place] != 0
                && (entries[2 * place] != low || ((entries[2 * place + 1] ^ high) & ~MARKS) != 0)) {
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
