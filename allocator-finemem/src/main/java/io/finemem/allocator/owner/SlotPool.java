package io.finemem.allocator.owner;

import io.finemem.allocator.control.JournalSegment;
import io.finemem.allocator.control.MemoryNodeControl;
import io.finemem.allocator.layout.MetadataLayout;
import io.finemem.api.ProtocolViolation;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * Free journal slots of an owner at one memory node, and the block that each taken slot stands for. Grows by a segment when
 * it runs dry. A slot is named here by its position among the owner's slots; {@link #journalSlot} gives its index in the
 * memory node's journal.
 *
 * <p><b>Thread-safety.</b> All methods may be called by any thread. Workers take and give slots in batches, so the lock is
 * off the hot path.
 */
final class SlotPool {
    private final MemoryNodeControl control;
    private final MetadataLayout layout;
    private final int segmentSlots;
    private volatile Segment[] segments;
    private int[] free;
    private int freeCount;

    private record Segment(int firstSlot, AtomicReferenceArray<OwnedBlock> blocks, boolean[] used, RevokeRing ring) {}

    /** The slots of an owner that was admitted: free if it is a new one, else {@linkplain #give(int) given} by who rebuilds it. */
    SlotPool(MemoryNodeControl control, Admission admission, MetadataLayout layout) {
        this.layout = layout;
        this.control = control;
        this.segmentSlots = admission.journal().get(0).slots();
        this.segments = new Segment[0];
        this.free = new int[0];
        for (JournalSegment segment : admission.journal()) {
            add(segment);
            freeCount = admission.resumed() ? 0 : freeCount;
        }
    }

    /** A slot becomes free. */
    void give(int slot) {
        give(new int[] {slot}, 0, 1);
    }

    /** Takes up to {@code wanted} slots into {@code target} from position 0 on; 1 or more. */
    synchronized int take(int[] target, int wanted) {
        if (freeCount == 0) {
            add(control.growJournal());
        }
        int taken = Math.min(wanted, freeCount);
        freeCount -= taken;
        System.arraycopy(free, freeCount, target, 0, taken);
        return taken;
    }

    /** Gives back {@code count} slots of {@code source} from position {@code from} on. */
    synchronized void give(int[] source, int from, int count) {
        System.arraycopy(source, from, free, freeCount, count);
        freeCount += count;
    }

    private synchronized void add(JournalSegment segment) {
        if (segment.slots() != segmentSlots) {
            throw new ProtocolViolation(
                    "the memory node granted journal segments of different length",
                    "slots",
                    segment.slots(),
                    "before",
                    segmentSlots);
        }
        int first = segments.length * segmentSlots;
        Segment[] grown = Arrays.copyOf(segments, segments.length + 1);
        grown[segments.length] = new Segment(
                segment.firstSlot(),
                new AtomicReferenceArray<>(segmentSlots),
                new boolean[segmentSlots],
                new RevokeRing(layout.segmentOf(segment.firstSlot()), layout.ringEntries()));
        segments = grown;
        int[] room = Arrays.copyOf(free, grown.length * segmentSlots);
        for (int i = segmentSlots - 1; i >= 0; i--) {
            room[freeCount++] = first + i;
        }
        free = room;
    }

    /** Index in the memory node's journal. */
    int journalSlot(int slot) {
        return segments[slot / segmentSlots].firstSlot() + slot % segmentSlots;
    }

    /** The revoke ring that takes the free of the slot's block. */
    RevokeRing ring(int slot) {
        return segments[slot / segmentSlots].ring();
    }

    /** Slots of a segment. */
    int segmentSlots() {
        return segmentSlots;
    }

    /** Segments of the owner. */
    int segments() {
        return segments.length;
    }

    /** The revoke ring of one of the owner's segments. */
    RevokeRing ringOfSegment(int index) {
        return segments[index].ring();
    }

    /** Whether the slot may say something; kept by who has the slot. */
    boolean used(int slot) {
        return segments[slot / segmentSlots].used()[slot % segmentSlots];
    }

    /** Called by who has the slot: before it is written, or after it was erased. */
    void setUsed(int slot, boolean used) {
        segments[slot / segmentSlots].used()[slot % segmentSlots] = used;
    }

    /** Slots that are free here. */
    synchronized int freeSlots() {
        return freeCount;
    }

    /** Takes slots that are free here but may say something, as many as {@code target} holds; how many there were. */
    synchronized int takeUsed(int[] target) {
        int taken = 0;
        for (int i = freeCount - 1; i >= 0 && taken < target.length; i--) {
            if (used(free[i])) {
                target[taken++] = free[i];
                free[i] = free[--freeCount];
            }
        }
        return taken;
    }

    /** The slot stands for this block, or for none. */
    void setBlock(int slot, @Nullable OwnedBlock block) {
        segments[slot / segmentSlots].blocks().set(slot % segmentSlots, block);
    }

    /** All blocks held. */
    List<OwnedBlock> blocks() {
        List<OwnedBlock> held = new ArrayList<>();
        for (Segment segment : segments) {
            for (int i = 0; i < segmentSlots; i++) {
                OwnedBlock block = segment.blocks().get(i);
                if (block != null) {
                    held.add(block);
                }
            }
        }
        return held;
    }
}
