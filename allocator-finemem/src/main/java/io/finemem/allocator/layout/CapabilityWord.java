package io.finemem.allocator.layout;

/**
 * Rkeys of blocks that are free or will be free: two to a word, written by the memory node's CPU, read by owners.
 *
 * <pre>
 *   63                            32 31                             0
 *  +--------------------------------+--------------------------------+
 *  | rkey of node 2w+1           32 | rkey of node 2w             32 |
 *  +--------------------------------+--------------------------------+
 * </pre>
 *
 * A span has 64 entries, one per node of the buddy tree over its 32 chunks; a block of {@code 2^order} chunks that starts at
 * {@code chunk} is node {@code (32 >> order) + (chunk >> order)}. A section has 32 entries in the same manner, over its 16
 * spans; node 1 is the whole section. Node 0 is not used, nor is node 1 of a span, which is a node of its section.
 *
 * <pre>
 *                      (1)                       128 KiB
 *               2               3                 64 KiB
 *           4       5       6       7             32 KiB
 *                      ...
 *   32 33 34 35 36 37 38 39 ...         63         4 KiB
 * </pre>
 */
public final class CapabilityWord {
    /** Entries of a span. */
    public static final int NODES_PER_SPAN = 2 * Geometry.CHUNKS_PER_SPAN;

    /** Entries of a section. */
    public static final int NODES_PER_SECTION = 2 * Geometry.SPANS_PER_SECTION;

    private static final int RKEY_BITS = 32;

    private CapabilityWord() {}

    /** Buddy node of a block inside a span. */
    public static int node(int chunk, int order) {
        return (Geometry.CHUNKS_PER_SPAN >> order) + (chunk >> order);
    }

    /** Buddy node of a block of {@code 2^spanOrder} spans inside a section. */
    public static int spanNode(int spanInSection, int spanOrder) {
        return (Geometry.SPANS_PER_SECTION >> spanOrder) + (spanInSection >> spanOrder);
    }

    /** Whether two nodes of one tree have their rkeys in one word. */
    public static boolean shared(int node, int other) {
        return node >> 1 == other >> 1;
    }

    /** The rkey of a node, from the word that holds it. */
    public static int rkey(long word, int node) {
        return (int) (word >>> (node & 1) * RKEY_BITS);
    }

    /** The word with the rkey of one node replaced. */
    public static long with(long word, int node, int rkey) {
        int shift = (node & 1) * RKEY_BITS;
        return word & ~(-1L >>> RKEY_BITS << shift) | Integer.toUnsignedLong(rkey) << shift;
    }

    /** A word of two rkeys. */
    public static long of(int evenRkey, int oddRkey) {
        return Integer.toUnsignedLong(evenRkey) | (long) oddRkey << RKEY_BITS;
    }
}
