package io.finemem.allocator.memorynode;

import io.finemem.allocator.layout.JournalSlot;
import io.finemem.allocator.layout.MetadataLayout;
import io.finemem.spi.transport.MemoryRegion;
import java.util.Arrays;

/** What the journal slots of owners say at one time: which chunks and spans they cover, which spans are in transition. */
final class Coverage {
    private static final int NOBODY = 0;

    private final MemoryRegion metadata;
    private final MetadataLayout layout;
    private final int[] chunks;
    private final int[] spans;
    private final boolean[] transitions;
    private final boolean[] frozen;

    Coverage(MemoryRegion metadata, MetadataLayout layout) {
        this.metadata = metadata;
        this.layout = layout;
        this.chunks = new int[layout.spans()];
        this.spans = new int[layout.sections()];
        this.transitions = new boolean[layout.spans()];
        this.frozen = new boolean[layout.spans()];
    }

    /** Reads the slots of all owners anew. */
    void read() {
        Arrays.fill(chunks, 0);
        Arrays.fill(spans, 0);
        Arrays.fill(transitions, false);
        Arrays.fill(frozen, false);
        for (int segment = 0; segment < layout.journalSegments(); segment++) {
            long owner = metadata.getWord(layout.segmentOwner(segment));
            if (owner != NOBODY) {
                readSegment(segment);
            }
        }
        for (int i = 0; i < layout.nodeSlots(); i++) {
            readNodeSlot(metadata.getWord(layout.nodeSlot(i)));
        }
    }

    private void readNodeSlot(long slot) {
        if (JournalSlot.kind(slot) != JournalSlot.EMPTY && JournalSlot.unit(slot) < frozen.length) {
            frozen[JournalSlot.unit(slot)] = true;
            transitions[JournalSlot.unit(slot)] = true;
        }
    }

    private void readSegment(int segment) {
        for (int i = 0; i < layout.segmentSlots(); i++) {
            long slot = metadata.getWord(layout.journalSlot(layout.firstSlot(segment) + i));
            if (JournalSlot.kind(slot) != JournalSlot.EMPTY) {
                add(slot);
            }
        }
    }

    /** Units that do not exist are passed over: they cover nothing. */
    private void add(long slot) {
        int unit = JournalSlot.unit(slot);
        switch (JournalSlot.type(slot)) {
            case JournalSlot.CHUNKS -> {
                if (unit < chunks.length) {
                    chunks[unit] |= JournalSlot.mask(slot);
                }
            }
            case JournalSlot.TRANSITION -> {
                if (unit < transitions.length) {
                    transitions[unit] = true;
                }
            }
            default -> {
                int end = JournalSlot.type(slot) == JournalSlot.SPANS ? unit + 1 : unit + JournalSlot.mask(slot);
                for (int section = unit; section < Math.min(end, spans.length); section++) {
                    spans[section] |= JournalSlot.coveredSpans(slot, section);
                }
            }
        }
    }

    /** Chunks of a span that a slot covers. */
    int chunks(int span) {
        return chunks[span];
    }

    /** Spans of a section that a slot covers as whole ones. */
    int spans(int section) {
        return spans[section];
    }

    /** Whether a slot names the span as being opened or closed. */
    boolean inTransition(int span) {
        return transitions[span];
    }

    /** Whether the memory node's resolver names the span as frozen: it is closed although chunks may be in use. */
    boolean frozen(int span) {
        return frozen[span];
    }
}
