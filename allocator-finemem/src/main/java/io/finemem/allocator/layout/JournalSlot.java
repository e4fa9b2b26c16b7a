package io.finemem.allocator.layout;

/**
 * A slot of an owner's journal. Written by its owner only; after a fence by the memory node only.
 *
 * <pre>
 *   63 62 61 60 59                        32 31                              0
 *  +-----+-----+----------------------------+---------------------------------+
 *  |kind |type | unit                    28 | mask                         32 |
 *  +-----+-----+----------------------------+---------------------------------+
 *   kind  0 EMPTY   1 PENDING: the owner may hold these units; says nothing by itself
 *         2 OWNED: a promise that the owner, while not fenced, holds all of them
 *   type  0 CHUNKS      unit = span            mask = chunks
 *         1 SPANS       unit = section         mask = spans, low 16
 *         2 SECTIONS    unit = first section   mask = number of sections
 *         3 TRANSITION  unit = span            mask = 0: the owner may be opening or closing the span
 * </pre>
 *
 * A slot covers a unit if its kind is PENDING or OWNED and the unit is in its mask. Every set bit of a header is covered by
 * a slot of its holder from before the claiming atomic until after the clearing one.
 */
public final class JournalSlot {
    /** Nothing. */
    public static final int EMPTY = 0;
    /** The owner may hold the units. */
    public static final int PENDING = 1;
    /** The owner holds the units while it is not fenced. */
    public static final int OWNED = 2;

    /** Chunks of a span. */
    public static final int CHUNKS = 0;
    /** Spans of a section. */
    public static final int SPANS = 1;
    /** Whole sections. */
    public static final int SECTIONS = 2;
    /** A span being opened or closed. */
    public static final int TRANSITION = 3;

    private static final int MASK_BITS = 32;
    private static final int UNIT_BITS = 28;
    private static final int TYPE_BITS = 2;
    private static final int KIND_BITS = 2;

    private static final int UNIT_SHIFT = MASK_BITS;
    private static final int TYPE_SHIFT = UNIT_SHIFT + UNIT_BITS;
    private static final int KIND_SHIFT = TYPE_SHIFT + TYPE_BITS;
    private static final int ALL_SPANS = (1 << Geometry.SPANS_PER_SECTION) - 1;
    private static final int UNIT_MAX = (1 << UNIT_BITS) - 1;

    static {
        assert KIND_SHIFT + KIND_BITS == Long.SIZE;
    }

    private JournalSlot() {}

    /** EMPTY, PENDING or OWNED; 3 is not used. */
    public static int kind(long slot) {
        return (int) (slot >>> KIND_SHIFT);
    }

    /** CHUNKS, SPANS, SECTIONS or TRANSITION. */
    public static int type(long slot) {
        return (int) (slot >>> TYPE_SHIFT) & (1 << TYPE_BITS) - 1;
    }

    /** Index of the span or section. */
    public static int unit(long slot) {
        return (int) (slot >>> UNIT_SHIFT) & UNIT_MAX;
    }

    /** Chunks, spans, or number of sections. */
    public static int mask(long slot) {
        return (int) slot;
    }

    /** The owner may hold these chunks of a span. */
    public static long pendingChunks(int span, int mask) {
        return word(PENDING, CHUNKS, span, mask);
    }

    /** The owner may hold these spans of a section. */
    public static long pendingSpans(int section, int spanMask) {
        return word(PENDING, SPANS, section, spanMask);
    }

    /** The owner may hold that many sections. */
    public static long pendingSections(int first, int sections) {
        return word(PENDING, SECTIONS, first, sections);
    }

    /** The owner may be opening or closing the span. */
    public static long transition(int span) {
        return word(PENDING, TRANSITION, span, 0);
    }

    /** The same units as what the owner may hold. */
    public static long pending(long slot) {
        return word(PENDING, type(slot), unit(slot), mask(slot));
    }

    /** The same units as a promise. */
    public static long owned(long slot) {
        return word(OWNED, type(slot), unit(slot), mask(slot));
    }

    /** Which chunks of a span the slot covers. */
    public static int coveredChunks(long slot, int span) {
        boolean covers = kind(slot) != EMPTY && type(slot) == CHUNKS && unit(slot) == span;
        return covers ? mask(slot) : 0;
    }

    /** Which spans of a section the slot covers as whole spans. */
    public static int coveredSpans(long slot, int section) {
        if (kind(slot) == EMPTY) {
            return 0;
        }
        return switch (type(slot)) {
            case SPANS -> unit(slot) == section ? mask(slot) : 0;
            case SECTIONS -> Integer.compareUnsigned(section - unit(slot), mask(slot)) < 0 ? ALL_SPANS : 0;
            default -> 0;
        };
    }

    /** Text form, such as {@code slot{PENDING chunks span=3 mask=000000ff}}. */
    public static String toString(long slot) {
        if (slot == 0) {
            return "slot{EMPTY}";
        }
        String kind =
                switch (kind(slot)) {
                    case PENDING -> "PENDING";
                    case OWNED -> "OWNED";
                    default -> "kind?" + kind(slot);
                };
        return switch (type(slot)) {
            case CHUNKS -> String.format("slot{%s chunks span=%d mask=%08x}", kind, unit(slot), mask(slot));
            case SPANS -> String.format("slot{%s spans section=%d mask=%04x}", kind, unit(slot), mask(slot));
            case SECTIONS -> String.format("slot{%s sections first=%d count=%d}", kind, unit(slot), mask(slot));
            default -> String.format("slot{%s transition span=%d}", kind, unit(slot));
        };
    }

    private static long word(int kind, int type, int unit, int mask) {
        if (unit < 0 || unit > UNIT_MAX) {
            throw new IllegalArgumentException("unit must be 0 to " + UNIT_MAX + ": " + unit);
        }
        return (long) kind << KIND_SHIFT
                | (long) type << TYPE_SHIFT
                | (long) unit << UNIT_SHIFT
                | Integer.toUnsignedLong(mask);
    }
}
