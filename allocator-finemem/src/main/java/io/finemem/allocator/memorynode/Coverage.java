package io.finemem.allocator.memorynode;

import io.finemem.allocator.layout.JournalSlot;
import io.finemem.allocator.layout.MetadataLayout;
import io.finemem.spi.transport.MemoryRegion;
import java.util.Arrays;

/** What the journal slots of owners say at one time: which chunks they cover, which spans are in transition. */
final class Coverage {
    /** No owner has this id. */
    static final int NOBODY = 0;

    private final MemoryRegion metadata;
    private final MetadataLayout layout;
    private final int[] chunks;
    private final boolean[] transitions;

    Coverage(MemoryRegion metadata, MetadataLayout layout) {
        this.metadata = metadata;
        this.layout = layout;
        this.chunks = new int[layout.spans()];
        this.transitions = new boolean[layout.spans()];
    }

    /** Reads the slots of all owners but one anew. */
    void read(int exceptOwner) {
        Arrays.fill(chunks, 0);
        Arrays.fill(transitions, false);
        for (int segment = 0; segment < layout.journalSegments(); segment++) {
            long owner = metadata.getWord(layout.segmentOwner(segment));
            if (owner != NOBODY && owner != exceptOwner) {
                readSegment(segment);
            }
        }
    }

    private void readSegment(int segment) {
        for (int i = 0; i < MetadataLayout.SEGMENT_SLOTS; i++) {
            long slot = metadata.getWord(layout.journalSlot(segment * MetadataLayout.SEGMENT_SLOTS + i));
            if (JournalSlot.kind(slot) == JournalSlot.EMPTY || JournalSlot.unit(slot) >= layout.spans()) {
                continue;
            }
            if (JournalSlot.type(slot) == JournalSlot.CHUNKS) {
                chunks[JournalSlot.unit(slot)] |= JournalSlot.mask(slot);
            } else if (JournalSlot.type(slot) == JournalSlot.TRANSITION) {
                transitions[JournalSlot.unit(slot)] = true;
            }
        }
    }

    /** Chunks of a span that a slot covers. */
    int chunks(int span) {
        return chunks[span];
    }

    /** Whether a slot names the span as being opened or closed. */
    boolean inTransition(int span) {
        return transitions[span];
    }
}
