package io.finemem.allocator.recovery;

import io.finemem.allocator.decision.SpanDecisions;
import io.finemem.allocator.layout.JournalSlot;
import io.finemem.allocator.layout.MetadataLayout;
import io.finemem.allocator.layout.SpanHeader;
import io.finemem.allocator.procedure.StateSink;
import io.finemem.allocator.procedure.WordChain;
import io.finemem.allocator.procedure.WordResults;
import java.util.Arrays;

/**
 * Hot spans, whose headers change during every scan, are closed for the time of one scan: {@code [WRITE own slot = TRANSITION]
 * [CAS header: open 1 -> 0]}. Nothing is claimed in them meanwhile, so that a bit still set after the scan had one holder all
 * the time; frees go on. Then {@code [FETCH_ADD header: open 0 -> 1]}, {@code [WRITE own slot = 0]}. A resolver cut off in
 * between finds its own slots and opens the spans again.
 */
final class FrozenSpans {
    /** A compare-and-swap that fails was overtaken by one that did not, so this ends; but not within any bound. */
    private static final int ATTEMPTS = 64;

    private enum Fate {
        /** Its header is still to be closed. */
        CHOSEN,
        FROZEN,
        /** Somebody else closed it, or it changed too often. */
        MISSED
    }

    private final MetadataLayout layout;
    private int[] indices = {};
    private int[] nodeSlots = {};
    private Fate[] fates = {};
    private int count;
    private int attempts;

    FrozenSpans(MetadataLayout layout) {
        this.layout = layout;
    }

    /** Chooses the open spans that are under examination, as many as there are own slots. */
    void choose(Suspects suspects, SuspectedSlots slots) {
        count = 0;
        attempts = 0;
        int nodeSlot = 0;
        for (int index = 0; index < suspects.size(); index++) {
            boolean hot = suspects.finding(index) == Suspects.Finding.OPEN && suspects.chunks(index);
            if (!hot || !SpanHeader.open(suspects.word(index))) {
                continue;
            }
            while (nodeSlot < layout.nodeSlots() && !slots.nodeSlotEmpty(nodeSlot)) {
                nodeSlot++;
            }
            if (nodeSlot == layout.nodeSlots()) {
                return;
            }
            add(index, nodeSlot++);
        }
    }

    private void add(int index, int nodeSlot) {
        if (count == indices.length) {
            indices = Arrays.copyOf(indices, 2 * count + 1);
            nodeSlots = Arrays.copyOf(nodeSlots, 2 * count + 1);
            fates = Arrays.copyOf(fates, 2 * count + 1);
        }
        indices[count] = index;
        nodeSlots[count] = nodeSlot;
        fates[count++] = Fate.CHOSEN;
    }

    boolean none() {
        return count == 0;
    }

    /** Names the chosen spans and closes them. */
    void freeze(Cursor cursor, WordChain chain, Suspects suspects) {
        for (; cursor.position() < count && cursor.hasRoomFor(2); cursor.advance()) {
            int i = cursor.position();
            if (fates[i] == Fate.CHOSEN) {
                long header = suspects.word(indices[i]);
                chain.write(layout.nodeSlot(nodeSlots[i]), JournalSlot.transition(suspects.unit(indices[i])));
                chain.compareAndSwap(suspects.wordOffset(indices[i]), header, SpanDecisions.closed(header));
                cursor.add(i);
                cursor.add(i);
            }
        }
    }

    void wereFrozen(Cursor cursor, WordResults results, Suspects suspects) {
        for (int element = 1; element < cursor.size(); element += 2) {
            int i = cursor.meaning(element);
            int index = indices[i];
            long before = results.word(element);
            boolean frozen = before == suspects.word(index);
            suspects.setWord(index, frozen ? SpanDecisions.closed(before) : before);
            suspects.setFrozen(index, frozen);
            if (frozen) {
                fates[i] = Fate.FROZEN;
            } else if (!SpanHeader.open(before)) {
                fates[i] = Fate.MISSED;
            }
        }
    }

    /** Whether some are to be tried again. */
    boolean again() {
        attempts++;
        boolean left = false;
        for (int i = 0; i < count; i++) {
            if (fates[i] == Fate.CHOSEN && attempts == ATTEMPTS) {
                fates[i] = Fate.MISSED;
            }
            left |= fates[i] == Fate.CHOSEN;
        }
        return left;
    }

    /** Opens the frozen spans again. */
    void thaw(Cursor cursor, WordChain chain, Suspects suspects) {
        for (; cursor.position() < count && cursor.hasRoomFor(1); cursor.advance()) {
            int i = cursor.position();
            if (fates[i] == Fate.FROZEN) {
                chain.fetchAdd(suspects.wordOffset(indices[i]), SpanHeader.reopenAddend());
                cursor.add(i);
            }
        }
    }

    void wereThawed(Cursor cursor, WordResults results, Suspects suspects) {
        for (int element = 0; element < cursor.size(); element++) {
            int index = indices[cursor.meaning(element)];
            GiveBack.requireClosed(results.word(element), suspects.unit(index));
            suspects.setFrozen(index, false);
        }
    }

    /** Erases the own slots, once all spans are open again. */
    void forget(Cursor cursor, WordChain chain) {
        for (; cursor.position() < count && cursor.hasRoomFor(1); cursor.advance()) {
            chain.write(layout.nodeSlot(nodeSlots[cursor.position()]), 0);
            cursor.add(cursor.position());
        }
    }

    /** Own slots are erased. */
    void clear() {
        count = 0;
    }

    FrozenSpans copy() {
        FrozenSpans copy = new FrozenSpans(layout);
        copy.indices = indices.clone();
        copy.nodeSlots = nodeSlots.clone();
        copy.fates = fates.clone();
        copy.count = count;
        copy.attempts = attempts;
        return copy;
    }

    void state(StateSink sink) {
        sink.number(count);
        for (int i = 0; i < count; i++) {
            sink.number(indices[i]);
            sink.number(nodeSlots[i]);
            sink.number(fates[i].ordinal());
        }
    }
}
