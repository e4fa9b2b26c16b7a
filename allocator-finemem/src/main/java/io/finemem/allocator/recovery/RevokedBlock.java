package io.finemem.allocator.recovery;

import io.finemem.allocator.layout.Geometry;
import io.finemem.allocator.layout.JournalSlot;
import io.finemem.allocator.layout.MetadataLayout;
import io.finemem.allocator.layout.RevokeEntry;
import io.finemem.allocator.layout.SectionWord;
import io.finemem.allocator.layout.SpanHeader;
import io.finemem.allocator.procedure.StateSink;

/** A block that an owner asked to revoke, and whether its slot and the words of its units bear that out. */
final class RevokedBlock {
    private static final int ALL_SPANS = Geometry.spanMask(0, Geometry.SPANS_PER_SECTION_SHIFT);

    private final RingCursor ring;
    private final long position;
    private final long entry;
    private long slotWord;

    RevokedBlock(RingCursor ring, long position, long entry) {
        this.ring = ring;
        this.position = position;
        this.entry = entry;
    }

    RingCursor ring() {
        return ring;
    }

    /** Index of its slot in the journal. */
    int slot() {
        return RevokeEntry.slot(entry);
    }

    long slotWord() {
        return slotWord;
    }

    /** It is not revoked, nor are those behind it in its ring. */
    void refuse() {
        ring.violate(position);
    }

    boolean refused() {
        return position >= ring.next();
    }

    /** Takes what its slot says; whether that is what is to be freed, and a block. */
    boolean named(MetadataLayout layout, long word) {
        slotWord = word;
        int unit = JournalSlot.unit(word);
        int units = JournalSlot.mask(word);
        if (JournalSlot.kind(word) != JournalSlot.PENDING || units == 0 || units != RevokeEntry.units(entry)) {
            return false;
        }
        return switch (JournalSlot.type(word)) {
            case JournalSlot.CHUNKS -> unit < layout.spans() && isBlock(units);
            case JournalSlot.SPANS -> unit < layout.sections() && isBlock(units);
            case JournalSlot.SECTIONS -> units > 0 && units <= layout.sections() - unit;
            default -> false;
        };
    }

    /** A run of a power of two, aligned to its length. */
    private static boolean isBlock(int mask) {
        int first = Integer.numberOfTrailingZeros(mask);
        int length = Integer.bitCount(mask);
        boolean run = mask >>> first == (int) ((1L << length) - 1);
        return run && Integer.bitCount(length) == 1 && first % length == 0 && length < Geometry.CHUNKS_PER_SPAN;
    }

    /** Words that its units are in. */
    int words() {
        return JournalSlot.type(slotWord) == JournalSlot.SECTIONS ? JournalSlot.mask(slotWord) : 1;
    }

    long word(MetadataLayout layout, int index) {
        int unit = JournalSlot.unit(slotWord);
        return JournalSlot.type(slotWord) == JournalSlot.CHUNKS
                ? layout.spanHeader(unit)
                : layout.sectionWord(unit + index);
    }

    /** Whether its units in a word are in use. */
    boolean inUse(long word) {
        int mask = JournalSlot.type(slotWord) == JournalSlot.SECTIONS ? ALL_SPANS : JournalSlot.mask(slotWord);
        int used =
                JournalSlot.type(slotWord) == JournalSlot.CHUNKS ? SpanHeader.map(word) : SectionWord.takenSpans(word);
        return (used & mask) == mask;
    }

    void state(StateSink sink) {
        sink.number(ring.segment());
        sink.position(ring.segment(), position);
        sink.slot(slot());
        sink.number(RevokeEntry.units(entry));
        sink.number(slotWord);
    }

    RevokedBlock copy(RingCursor copyOfRing) {
        RevokedBlock copy = new RevokedBlock(copyOfRing, position, entry);
        copy.slotWord = slotWord;
        return copy;
    }
}
