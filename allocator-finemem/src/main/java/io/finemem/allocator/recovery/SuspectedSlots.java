package io.finemem.allocator.recovery;

import io.finemem.allocator.layout.JournalSlot;
import io.finemem.allocator.layout.MetadataLayout;
import io.finemem.allocator.procedure.StateSink;
import io.finemem.allocator.procedure.WordChain;
import io.finemem.allocator.procedure.WordResults;
import java.util.Arrays;

/**
 * Slots that are to be resolved and what they say: those in doubt, those of fenced owners, and the memory node's own, in which
 * a resolution that was cut off has left the spans that it had frozen.
 */
final class SuspectedSlots {
    private final MetadataLayout layout;
    private final int[] inDoubt;
    /** Slots in doubt first, ascending; the node's own slot i is -1 - i. */
    private int[] slots;

    private long[] words;
    private int count;
    private int erased;

    SuspectedSlots(MetadataLayout layout, int[] inDoubt) {
        this.layout = layout;
        this.inDoubt = inDoubt;
        this.slots = Arrays.copyOf(inDoubt, inDoubt.length + 16);
        this.words = new long[slots.length];
        this.count = inDoubt.length;
    }

    /** Adds the memory node's own slots and those of the fenced owners. */
    void collect(Witnesses witnesses) {
        for (int i = 0; i < layout.nodeSlots(); i++) {
            add(-1 - i);
        }
        for (int segment = 0; segment < layout.journalSegments(); segment++) {
            if (witnesses.fencedSegment(segment)) {
                for (int i = 0; i < layout.segmentSlots(); i++) {
                    add(layout.firstSlot(segment) + i);
                }
            }
        }
    }

    private void add(int slot) {
        if (count == slots.length) {
            slots = Arrays.copyOf(slots, 2 * count);
            words = Arrays.copyOf(words, 2 * count);
        }
        slots[count++] = slot;
    }

    private long offset(int index) {
        int slot = slots[index];
        return slot >= 0 ? layout.journalSlot(slot) : layout.nodeSlot(-1 - slot);
    }

    void read(Cursor cursor, WordChain chain) {
        for (; cursor.position() < count && cursor.hasRoomFor(1); cursor.advance()) {
            chain.read(offset(cursor.position()));
            cursor.add(cursor.position());
        }
    }

    void wasRead(Cursor cursor, WordResults results) {
        for (int i = 0; i < cursor.size(); i++) {
            words[cursor.meaning(i)] = results.word(i);
        }
    }

    /** Suspects everything that the slots name. */
    void name(Suspects suspects) {
        for (int i = 0; i < count; i++) {
            if (JournalSlot.kind(words[i]) != JournalSlot.EMPTY) {
                suspects.add(words[i]);
            }
        }
        suspects.seal();
    }

    /** Erases the slots whose words are all settled. */
    void erase(Cursor cursor, WordChain chain, Suspects suspects) {
        for (; cursor.position() < count && cursor.hasRoomFor(1); cursor.advance()) {
            long word = words[cursor.position()];
            if (word != 0 && suspects.settled(word)) {
                chain.write(offset(cursor.position()), 0);
                cursor.add(cursor.position());
            }
        }
    }

    void wereErased(Cursor cursor) {
        for (int i = 0; i < cursor.size(); i++) {
            words[cursor.meaning(i)] = 0;
        }
        erased += cursor.size();
    }

    boolean allEmpty() {
        for (int i = 0; i < count; i++) {
            if (words[i] != 0) {
                return false;
            }
        }
        return true;
    }

    /** Whether a slot was in doubt and is empty now. */
    boolean decided(int slot) {
        int index = Arrays.binarySearch(inDoubt, slot);
        return index >= 0 && words[index] == 0;
    }

    /** Whether an own slot of the memory node is empty, so that another span can be named in it. */
    boolean nodeSlotEmpty(int nodeSlot) {
        return words[inDoubt.length + nodeSlot] == 0;
    }

    /** Slots erased. */
    int erased() {
        return erased;
    }

    SuspectedSlots copy() {
        SuspectedSlots copy = new SuspectedSlots(layout, inDoubt);
        copy.slots = slots.clone();
        copy.words = words.clone();
        copy.count = count;
        copy.erased = erased;
        return copy;
    }

    void state(StateSink sink) {
        sink.number(inDoubt.length);
        sink.number(count);
        for (int i = 0; i < count; i++) {
            sink.number(slots[i]);
            sink.number(words[i]);
        }
    }
}
