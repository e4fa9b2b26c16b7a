package io.finemem.allocator.memorynode;

import io.finemem.allocator.control.OwnerReport;
import io.finemem.allocator.control.PoolDescription;
import io.finemem.allocator.control.PoolReport;
import io.finemem.allocator.decision.SectionDecisions;
import io.finemem.allocator.decision.SpanDecisions;
import io.finemem.allocator.layout.Geometry;
import io.finemem.allocator.layout.JournalSlot;
import io.finemem.allocator.layout.MetadataLayout;
import io.finemem.allocator.layout.SectionWord;
import io.finemem.allocator.layout.SpanHeader;
import io.finemem.spi.transport.MemoryRegion;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;

/** Walks over the metadata and adds up how the pool is used. */
final class Inspector {
    private final MemoryRegion metadata;
    private final MetadataLayout layout;
    private final Journal journal;
    private int emptySpans;
    private int openSpans;
    private int takenSpans;
    private int contendedSpans;
    private long usedChunks;
    private int emptySections;
    private int longestEmptySections;
    private long largestFreeBytes;

    Inspector(MemoryRegion metadata, MetadataLayout layout, Journal journal) {
        this.metadata = metadata;
        this.layout = layout;
        this.journal = journal;
    }

    PoolReport inspect(PoolDescription pool, Collection<OwnerRecord> owners) {
        for (int section = 0; section < layout.sections(); section++) {
            addSection(section, metadata.getWord(layout.sectionWord(section)));
        }
        List<OwnerReport> reports = owners.stream()
                .sorted(Comparator.comparingInt(OwnerRecord::id))
                .map(this::report)
                .toList();
        return new PoolReport(
                pool,
                layout.heapBytes(),
                layout.bytes(),
                emptySpans,
                openSpans,
                takenSpans,
                contendedSpans,
                usedChunks,
                Math.max(largestFreeBytes, (long) longestEmptySections * Geometry.SECTION_BYTES),
                reports);
    }

    private void addSection(int section, long word) {
        emptySections = SectionDecisions.allEmpty(word) ? emptySections + 1 : 0;
        longestEmptySections = Math.max(longestEmptySections, emptySections);
        emptySpans += Integer.bitCount(SectionWord.emptySpans(word));
        takenSpans += Integer.bitCount(SectionWord.takenSpans(word));
        usedChunks += (long) Integer.bitCount(SectionWord.takenSpans(word)) * Geometry.CHUNKS_PER_SPAN;
        for (int order = Geometry.SPANS_PER_SECTION_SHIFT; order >= 0; order--) {
            if (SectionDecisions.emptyRun(word, order) != SectionDecisions.NONE) {
                largestFreeBytes = Math.max(largestFreeBytes, (long) Geometry.SPAN_BYTES << order);
                break;
            }
        }
        for (int rest = SectionWord.openSpans(word); rest != 0; rest &= rest - 1) {
            int span = Geometry.spanOf(section, Integer.numberOfTrailingZeros(rest));
            addOpenSpan(metadata.getWord(layout.spanHeader(span)));
        }
    }

    private void addOpenSpan(long header) {
        openSpans++;
        contendedSpans += SpanHeader.contention(header) > 0 ? 1 : 0;
        usedChunks += Integer.bitCount(SpanHeader.map(header));
        int order = Math.min(SpanDecisions.largestFreeOrder(SpanHeader.map(header)), Geometry.MAX_CHUNK_ORDER);
        if (order != SpanDecisions.NONE) {
            largestFreeBytes = Math.max(largestFreeBytes, (long) Geometry.CHUNK_BYTES << order);
        }
    }

    private OwnerReport report(OwnerRecord owner) {
        List<Integer> segments = journal.segmentsOf(owner.id());
        long covered = 0;
        for (int segment : segments) {
            for (int i = 0; i < layout.segmentSlots(); i++) {
                covered += coveredChunks(metadata.getWord(layout.journalSlot(layout.firstSlot(segment) + i)));
            }
        }
        return new OwnerReport(
                owner.id(),
                owner.peerName(),
                owner.state() == OwnerState.LIVE,
                covered,
                segments.size() * layout.segmentSlots(),
                Math.max(0, owner.silentMillis(System.nanoTime()))); // a heartbeat may arrive after the clock was read
    }

    private long coveredChunks(long slot) {
        int unit = JournalSlot.unit(slot);
        if (JournalSlot.kind(slot) == JournalSlot.EMPTY || unit >= layout.spans()) {
            return 0;
        }
        return switch (JournalSlot.type(slot)) {
            case JournalSlot.CHUNKS -> {
                int map = SpanHeader.map(metadata.getWord(layout.spanHeader(unit)));
                yield Integer.bitCount(map & JournalSlot.mask(slot));
            }
            case JournalSlot.TRANSITION -> 0;
            default -> coveredSpans(slot, unit) * Geometry.CHUNKS_PER_SPAN;
        };
    }

    private long coveredSpans(long slot, int first) {
        long sections =
                JournalSlot.type(slot) == JournalSlot.SPANS ? 1 : Integer.toUnsignedLong(JournalSlot.mask(slot));
        long covered = 0;
        for (int section = first; section < Math.min(first + sections, layout.sections()); section++) {
            int taken = SectionWord.takenSpans(metadata.getWord(layout.sectionWord(section)));
            covered += Integer.bitCount(taken & JournalSlot.coveredSpans(slot, section));
        }
        return covered;
    }
}
