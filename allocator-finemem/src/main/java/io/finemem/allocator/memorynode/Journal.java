package io.finemem.allocator.memorynode;

import io.finemem.allocator.control.JournalSegment;
import io.finemem.allocator.layout.JournalSlot;
import io.finemem.allocator.layout.MetadataLayout;
import io.finemem.api.OutOfLocalResources;
import io.finemem.spi.transport.MemoryRegion;
import java.util.ArrayList;
import java.util.List;

/**
 * The journal's segments and who has them.
 *
 * <p><b>Thread-safety.</b> All methods may be called by any thread.
 */
final class Journal {
    private static final int FREE = 0;

    private final MemoryRegion metadata;
    private final MetadataLayout layout;
    private int next;
    private volatile long changes;

    Journal(MemoryRegion metadata, MetadataLayout layout) {
        this.metadata = metadata;
        this.layout = layout;
    }

    /** Gives an owner a free segment, all slots empty. */
    synchronized JournalSegment grant(int ownerId) {
        for (int i = 0; i < layout.journalSegments(); i++) {
            int segment = (next + i) % layout.journalSegments();
            if (metadata.getWord(layout.segmentOwner(segment)) == FREE) {
                next = segment + 1;
                metadata.putWord(layout.segmentOwner(segment), ownerId);
                changes++;
                return segment(segment);
            }
        }
        throw new OutOfLocalResources(
                "the journal is full: raise the memory node's max-owners", "segments", layout.journalSegments());
    }

    /** Takes back all segments of an owner that holds nothing and has no connection any more. */
    synchronized void release(int ownerId) {
        for (int segment : segmentsOf(ownerId)) {
            for (int i = 0; i < layout.segmentSlots(); i++) {
                metadata.putWord(layout.journalSlot(layout.firstSlot(segment) + i), JournalSlot.EMPTY);
            }
            emptyRing(segment);
            metadata.putWord(layout.segmentOwner(segment), FREE);
        }
        changes++;
    }

    /** Counts how often the directory changed. */
    long changes() {
        return changes;
    }

    /** Entries before the head: whoever looks meanwhile sees an empty ring. */
    private void emptyRing(int segment) {
        for (int i = 0; i < layout.ringEntries(); i++) {
            metadata.putWord(layout.revokeEntry(segment, i), 0);
        }
        if (layout.ringEntries() > 0) {
            metadata.putWord(layout.revokeHead(segment), 0);
        }
    }

    /** Segment of a slot. */
    int segmentOf(int slot) {
        return layout.segmentOf(slot);
    }

    /** A segment as it was granted. */
    JournalSegment segment(int segment) {
        return new JournalSegment(layout.firstSlot(segment), layout.segmentSlots());
    }

    /** Segments that an owner has. */
    synchronized List<Integer> segmentsOf(int ownerId) {
        List<Integer> segments = new ArrayList<>();
        for (int segment = 0; segment < layout.journalSegments(); segment++) {
            if (metadata.getWord(layout.segmentOwner(segment)) == ownerId) {
                segments.add(segment);
            }
        }
        return segments;
    }
}
