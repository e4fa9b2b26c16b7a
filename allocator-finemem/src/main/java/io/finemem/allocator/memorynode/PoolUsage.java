package io.finemem.allocator.memorynode;

import io.finemem.allocator.layout.Geometry;
import io.finemem.allocator.layout.JournalSlot;
import io.finemem.allocator.layout.MetadataLayout;
import io.finemem.allocator.layout.SectionWord;
import io.finemem.allocator.layout.SpanHeader;
import io.finemem.spi.transport.MemoryRegion;
import java.util.Collection;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * How much of the pool is in use. A number that every owner is told with every heartbeat is added up anew only now and then, so
 * that a large heap costs the memory node at most 2 % of one processor.
 *
 * <p><b>Thread-safety.</b> All methods may be called by any thread.
 */
final class PoolUsage {
    private static final long FRESH_NANOS = TimeUnit.MILLISECONDS.toNanos(250);
    private static final int REST_PER_WORK = 50;

    private final MemoryRegion metadata;
    private final MetadataLayout layout;
    private final LongSupplier clock;
    private long recentChunks;
    private long staleAt;

    PoolUsage(MemoryRegion metadata, MetadataLayout layout, LongSupplier clock) {
        this.metadata = metadata;
        this.layout = layout;
        this.clock = clock;
        this.staleAt = clock.getAsLong();
    }

    /** Bytes in use now. */
    long usedBytes() {
        long chunks = 0;
        for (int section = 0; section < layout.sections(); section++) {
            long word = metadata.getWord(layout.sectionWord(section));
            chunks += (long) Integer.bitCount(SectionWord.takenSpans(word)) * Geometry.CHUNKS_PER_SPAN;
            for (int rest = SectionWord.openSpans(word); rest != 0; rest &= rest - 1) {
                int span = Geometry.spanOf(section, Integer.numberOfTrailingZeros(rest));
                chunks += Integer.bitCount(SpanHeader.map(metadata.getWord(layout.spanHeader(span))));
            }
        }
        return chunks * Geometry.CHUNK_BYTES;
    }

    /** Bytes that were free a moment ago. */
    synchronized long recentFreeBytes() {
        long begun = clock.getAsLong();
        if (begun - staleAt >= 0) {
            recentChunks = usedBytes() / Geometry.CHUNK_BYTES;
            long ended = clock.getAsLong();
            staleAt = ended + Math.max(FRESH_NANOS, (ended - begun) * REST_PER_WORK);
        }
        return layout.heapBytes() - recentChunks * Geometry.CHUNK_BYTES;
    }

    /** Blocks whose units are all in use, by what journal slots name; an entry that is stale may count a block of another owner. */
    long blocks(Journal journal, Collection<OwnerRecord> owners) {
        Set<Long> named = new HashSet<>();
        for (OwnerRecord owner : owners) {
            for (int segment : journal.segmentsOf(owner.id())) {
                for (int i = 0; i < layout.segmentSlots(); i++) {
                    addBlock(metadata.getWord(layout.journalSlot(layout.firstSlot(segment) + i)), named);
                }
            }
        }
        return named.size();
    }

    private void addBlock(long slot, Set<Long> named) {
        int unit = JournalSlot.unit(slot);
        int mask = JournalSlot.mask(slot);
        if (JournalSlot.kind(slot) == JournalSlot.EMPTY || unit >= layout.spans()) {
            return;
        }
        boolean used =
                switch (JournalSlot.type(slot)) {
                    case JournalSlot.CHUNKS ->
                        (SpanHeader.map(metadata.getWord(layout.spanHeader(unit))) & mask) == mask;
                    case JournalSlot.TRANSITION -> false;
                    default -> unit < layout.sections() && taken(unit, slot);
                };
        if (used) {
            named.add(JournalSlot.pending(slot)); // confirmed or not, it is one block
        }
    }

    private boolean taken(int section, long slot) {
        int covered = JournalSlot.coveredSpans(slot, section);
        int taken = SectionWord.takenSpans(metadata.getWord(layout.sectionWord(section)));
        return (taken & covered) == covered;
    }
}
