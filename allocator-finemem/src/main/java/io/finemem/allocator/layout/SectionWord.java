package io.finemem.allocator.layout;

/**
 * Word of a section: the states of its 16 spans. Changed by atomics of the network adapter only.
 *
 * <pre>
 *   63                            32 31 30     3  2  1  0
 *  +--------------------------------+-----+---+-----+-----+
 *  | version                     32 | s15 |...| s1  | s0  |  two bits each
 *  +--------------------------------+-----+---+-----+-----+
 *   00 empty and closed   01 open for chunks   10 open, discouraged (a hint, same rules as 01)   11 taken whole
 * </pre>
 */
public final class SectionWord {
    /** Empty and closed. */
    public static final int EMPTY = 0b00;
    /** Open for chunks. */
    public static final int OPEN = 0b01;
    /** Open for chunks, but full or contended: a hint. */
    public static final int DISCOURAGED = 0b10;
    /** Taken whole by a block of 128 KiB or more. */
    public static final int TAKEN = 0b11;

    private static final int STATE_BITS = 2;
    private static final long STATE_MASK = (1L << STATE_BITS) - 1;
    private static final int VERSION_SHIFT = STATE_BITS * Geometry.SPANS_PER_SECTION;
    private static final int VERSION_BITS = 32;
    private static final long VERSION_ONE = 1L << VERSION_SHIFT;
    private static final long LOW_STATE_BITS = 0x5555_5555L;

    static {
        assert VERSION_SHIFT + VERSION_BITS == Long.SIZE;
    }

    private SectionWord() {}

    /** State of one span of the section, by its position 0 to 15. */
    public static int state(long word, int spanInSection) {
        return (int) (word >>> shift(spanInSection) & STATE_MASK);
    }

    /** The word with another state of one span. */
    public static long withState(long word, int spanInSection, int state) {
        if (state < EMPTY || state > TAKEN) {
            throw new IllegalArgumentException("state must be 0 to 3: " + state);
        }
        int shift = shift(spanInSection);
        return word & ~(STATE_MASK << shift) | (long) state << shift;
    }

    /** Number of changes modulo 2^32. */
    public static int version(long word) {
        return (int) (word >>> VERSION_SHIFT);
    }

    /** The word with the next version. */
    public static long nextVersion(long word) {
        return word + VERSION_ONE;
    }

    /** The word with another state of all spans of a mask. */
    public static long withStates(long word, int spanMask, int state) {
        long changed = word;
        for (int rest = spanMask; rest != 0; rest &= rest - 1) {
            changed = withState(changed, Integer.numberOfTrailingZeros(rest), state);
        }
        return changed;
    }

    /** Bit i is set if span i is empty and closed. */
    public static int emptySpans(long word) {
        return compress(~(word | word >>> 1) & LOW_STATE_BITS);
    }

    /** Bit i is set if span i is open for chunks, discouraged or not. */
    public static int openSpans(long word) {
        return compress((word ^ word >>> 1) & LOW_STATE_BITS);
    }

    /** Bit i is set if span i is taken whole. */
    public static int takenSpans(long word) {
        return compress(word & word >>> 1 & LOW_STATE_BITS);
    }

    /** What a fetch-and-add must add to free the spans of {@code spanMask}, all of them taken: 2^32 - sum of 3 &lt;&lt; 2i. */
    public static long freeAddend(int spanMask) {
        long states = 0;
        for (int rest = spanMask; rest != 0; rest &= rest - 1) {
            states |= STATE_MASK << shift(Integer.numberOfTrailingZeros(rest));
        }
        return VERSION_ONE - states;
    }

    /** Text form, such as {@code section{0000000000000012 version=4}}, span 15 first. */
    public static String toString(long word) {
        StringBuilder text = new StringBuilder("section{");
        for (int span = Geometry.SPANS_PER_SECTION - 1; span >= 0; span--) {
            text.append(state(word, span));
        }
        return text.append(" version=")
                .append(Integer.toUnsignedString(version(word)))
                .append('}')
                .toString();
    }

    private static int shift(int spanInSection) {
        if (spanInSection < 0 || spanInSection >= Geometry.SPANS_PER_SECTION) {
            throw new IllegalArgumentException("span of a section must be 0 to 15: " + spanInSection);
        }
        return spanInSection * STATE_BITS;
    }

    /** Moves bit 2i to bit i. */
    private static int compress(long evenBits) {
        int bits = (int) evenBits;
        bits = (bits | bits >>> 1) & 0x3333_3333;
        bits = (bits | bits >>> 2) & 0x0f0f_0f0f;
        bits = (bits | bits >>> 4) & 0x00ff_00ff;
        return (bits | bits >>> 8) & 0xffff;
    }
}
