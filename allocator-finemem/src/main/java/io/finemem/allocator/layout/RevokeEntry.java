package io.finemem.allocator.layout;

/**
 * Entry of a revoke ring: the owner is done with a block, and the memory node shall end its rkey and give its units back.
 * Written by the owner only, once per free.
 *
 * <pre>
 *   63       56 55                     32 31                              0
 *  +-----------+-------------------------+---------------------------------+
 *  | lap     8 | slot                 24 | units                        32 |
 *  +-----------+-------------------------+---------------------------------+
 *   lap    1 to 255, of the turn of the ring: an entry of the turn before, or an empty one, is not taken for a new one
 *   slot   index in the memory node's journal of the slot that names the block
 *   units  the mask of that slot: chunks, spans, or number of sections
 * </pre>
 *
 * The slot is counted in the whole journal and not in the owner's part of it, because the node then needs no table of who
 * got which segment when. 24 bits are 64 GiB of single chunks; a pool with a window per block is bounded far below.
 */
public final class RevokeEntry {
    /** Slots that an entry can name. */
    public static final int MAX_SLOTS = 1 << 24;

    private static final int UNIT_BITS = 32;
    private static final int SLOT_BITS = 24;
    private static final int LAP_SHIFT = UNIT_BITS + SLOT_BITS;
    private static final int LAPS = (1 << Long.SIZE - LAP_SHIFT) - 1;

    private RevokeEntry() {}

    /** The lap in which a position, counted from 0 on without end, comes up in a ring of that many entries. */
    public static int lapOf(long position, int entries) {
        return (int) (position / entries % LAPS) + 1;
    }

    /** The lap that the place of a position holds before the entry is written: that of the turn before, 0 in the first. */
    public static int lapBefore(long position, int entries) {
        return position < entries ? 0 : lapOf(position - entries, entries);
    }

    /** An entry. */
    public static long of(int lap, int slot, int units) {
        if (slot < 0 || slot >= MAX_SLOTS || lap < 1 || lap > LAPS) {
            throw new IllegalArgumentException("lap or slot out of range: " + lap + ", " + slot);
        }
        return (long) lap << LAP_SHIFT | (long) slot << UNIT_BITS | Integer.toUnsignedLong(units);
    }

    /** 0 if nothing was written yet. */
    public static int lap(long entry) {
        return (int) (entry >>> LAP_SHIFT);
    }

    /** Index of the slot in the memory node's journal. */
    public static int slot(long entry) {
        return (int) (entry >>> UNIT_BITS) & MAX_SLOTS - 1;
    }

    /** Chunks, spans, or number of sections. */
    public static int units(long entry) {
        return (int) entry;
    }
}
