package io.finemem.allocator.layout;

/**
 * Header of a span: 32 chunks of 4 KiB. Changed by atomics of the network adapter only.
 *
 * <pre>
 *   63                        35 34    33 32   31                              0
 *  +----------------------------+--------+----+---------------------------------+
 *  | version                 29 | cont 2 |op 1| map                          32 |
 *  +----------------------------+--------+----+---------------------------------+
 *   version  +1 by every change; overflow falls off the top
 *   cont     contention: failed attempts of the latest claims, 0 calm, 1 some, 2 high
 *   op       open: chunks may be claimed
 *   map      bit i = chunk i is in use
 * </pre>
 *
 * A claim or an opening is a compare-and-swap from one whole word to the next. A free of the chunks in {@code mask} is a
 * fetch-and-add of {@link #freeAddend}: all these bits are set and held by who frees them, so no borrow leaves the map, and
 * contention and open are not touched.
 */
public final class SpanHeader {
    /** Width of the version. */
    public static final int VERSION_BITS = 29;

    private static final int MAP_BITS = 32;
    private static final int OPEN_BITS = 1;
    private static final int CONTENTION_BITS = 2;

    private static final int OPEN_SHIFT = MAP_BITS;
    private static final int CONTENTION_SHIFT = OPEN_SHIFT + OPEN_BITS;
    private static final int VERSION_SHIFT = CONTENTION_SHIFT + CONTENTION_BITS;

    private static final long MAP_MASK = (1L << MAP_BITS) - 1;
    private static final long OPEN_MASK = 1L << OPEN_SHIFT;
    private static final int CONTENTION_MAX = (1 << CONTENTION_BITS) - 2;
    private static final long CONTENTION_MASK = ((1L << CONTENTION_BITS) - 1) << CONTENTION_SHIFT;
    private static final long VERSION_ONE = 1L << VERSION_SHIFT;

    static {
        assert VERSION_SHIFT + VERSION_BITS == Long.SIZE;
    }

    private SpanHeader() {}

    /** Bit i is set if chunk i is in use. */
    public static int map(long header) {
        return (int) header;
    }

    /** Whether chunks may be claimed. */
    public static boolean open(long header) {
        return (header & OPEN_MASK) != 0;
    }

    /** 0 calm, 1 some, 2 high. */
    public static int contention(long header) {
        return (int) ((header & CONTENTION_MASK) >>> CONTENTION_SHIFT);
    }

    /** Number of changes modulo 2^29. */
    public static int version(long header) {
        return (int) (header >>> VERSION_SHIFT);
    }

    /** The header with another map. */
    public static long withMap(long header, int map) {
        return header & ~MAP_MASK | Integer.toUnsignedLong(map);
    }

    /** The header with the open bit set or clear. */
    public static long withOpen(long header, boolean open) {
        return open ? header | OPEN_MASK : header & ~OPEN_MASK;
    }

    /** The header with another contention, 0 to 2. */
    public static long withContention(long header, int contention) {
        if (contention < 0 || contention > CONTENTION_MAX) {
            throw new IllegalArgumentException("contention must be 0 to " + CONTENTION_MAX + ": " + contention);
        }
        return header & ~CONTENTION_MASK | (long) contention << CONTENTION_SHIFT;
    }

    /** The header with the next version. */
    public static long nextVersion(long header) {
        return header + VERSION_ONE;
    }

    /** What a fetch-and-add must add to free the chunks of {@code mask}, all of them in use: 2^35 - mask. */
    public static long freeAddend(int mask) {
        return VERSION_ONE - Integer.toUnsignedLong(mask);
    }

    /** What a fetch-and-add must add to open a closed span again, whatever is freed in it meanwhile: 2^35 + 2^32. */
    public static long reopenAddend() {
        return VERSION_ONE + OPEN_MASK;
    }

    /** Text form, such as {@code span{map=000000ff open contention=0 version=17}}. */
    public static String toString(long header) {
        return String.format(
                "span{map=%08x %s contention=%d version=%d}",
                map(header), open(header) ? "open" : "closed", contention(header), version(header));
    }
}
