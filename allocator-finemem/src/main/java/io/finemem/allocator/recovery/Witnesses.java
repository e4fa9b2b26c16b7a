package io.finemem.allocator.recovery;

import io.finemem.allocator.layout.JournalSlot;
import io.finemem.allocator.layout.MetadataLayout;
import io.finemem.allocator.procedure.StateSink;
import io.finemem.allocator.procedure.WordChain;
import io.finemem.allocator.procedure.WordResults;
import java.util.Arrays;

/** Reads who has which segment of the journal, and the slots of all owners that are not fenced. */
final class Witnesses {
    private static final int NOBODY = 0;

    private final MetadataLayout layout;
    private final int[] fenced;
    private final int[] inDoubt;
    private final int[] segmentOwners;

    /**
     * Nothing is read yet.
     *
     * @param fenced ids, ascending, of owners whose slots say nothing (rule R12)
     * @param inDoubt slots, ascending, that say nothing although their owner lives
     */
    Witnesses(MetadataLayout layout, int[] fenced, int[] inDoubt) {
        this.layout = layout;
        this.fenced = fenced;
        this.inDoubt = inDoubt;
        this.segmentOwners = new int[layout.journalSegments()];
    }

    void readDirectory(Cursor cursor, WordChain chain) {
        for (; cursor.position() < segmentOwners.length && cursor.hasRoomFor(1); cursor.advance()) {
            chain.read(layout.segmentOwner(cursor.position()));
            cursor.add(cursor.position());
        }
    }

    void directoryWasRead(Cursor cursor, WordResults results) {
        for (int i = 0; i < cursor.size(); i++) {
            segmentOwners[cursor.meaning(i)] = (int) results.word(i);
        }
    }

    boolean fencedSegment(int segment) {
        return isFenced(segmentOwners[segment]);
    }

    private boolean isFenced(int owner) {
        return Arrays.binarySearch(fenced, owner) >= 0;
    }

    void readSlots(Cursor cursor, WordChain chain) {
        while (cursor.segment() < segmentOwners.length && cursor.hasRoomFor(1)) {
            int owner = segmentOwners[cursor.segment()];
            if (owner == NOBODY || isFenced(owner) || cursor.position() == layout.segmentSlots()) {
                cursor.nextSegment();
                continue;
            }
            int slot = layout.firstSlot(cursor.segment()) + cursor.position();
            cursor.advance();
            if (Arrays.binarySearch(inDoubt, slot) < 0) {
                chain.read(layout.journalSlot(slot));
                cursor.add(owner);
            }
        }
    }

    void slotsWereRead(Cursor cursor, WordResults results, Suspects suspects) {
        for (int i = 0; i < cursor.size(); i++) {
            long slot = results.word(i);
            if (JournalSlot.kind(slot) != JournalSlot.EMPTY) {
                suspects.witness(slot, cursor.meaning(i));
            }
        }
    }

    Witnesses copy() {
        Witnesses copy = new Witnesses(layout, fenced, inDoubt);
        System.arraycopy(segmentOwners, 0, copy.segmentOwners, 0, segmentOwners.length);
        return copy;
    }

    void state(StateSink sink) {
        numbers(sink, fenced);
        numbers(sink, inDoubt);
        numbers(sink, segmentOwners);
    }

    private static void numbers(StateSink sink, int[] numbers) {
        sink.number(numbers.length);
        for (int number : numbers) {
            sink.number(number);
        }
    }
}
