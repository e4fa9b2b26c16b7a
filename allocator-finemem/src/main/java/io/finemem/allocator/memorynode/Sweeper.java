package io.finemem.allocator.memorynode;

import io.finemem.allocator.layout.Geometry;
import io.finemem.allocator.layout.JournalSlot;
import io.finemem.allocator.layout.MetadataLayout;
import io.finemem.allocator.layout.RevokeEntry;
import io.finemem.allocator.layout.SectionWord;
import io.finemem.allocator.layout.SpanHeader;
import io.finemem.allocator.procedure.ClearUnits;
import io.finemem.allocator.procedure.Procedure;
import io.finemem.api.FineMemException;
import io.finemem.api.OperationTimeout;
import io.finemem.spi.transport.MemoryRegion;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.IntConsumer;
import java.util.function.IntPredicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Revokes freed blocks in strict isolation. For the entries of all revoke rings, in batches and in this order (rule R16):
 *
 * <ol>
 *   <li>check that the slot of the entry names what is to be freed;
 *   <li>bind the block's window anew: its old rkey is dead;
 *   <li>store the new rkey;
 *   <li>clear the units, one FETCH_ADD per word for all blocks in it;
 *   <li>store the head: the owner may use the slot again.
 * </ol>
 *
 * <p>A batch that failed is never repeated, because its FETCH_ADDs may have been executed (rule R17): the sweeper then stops
 * for good, and what was freed stays in use until its owner is gone and RESOLVE finds out what was executed.
 *
 * <p><b>Thread-safety.</b> All methods may be called by any thread. One at a time ends rkeys and clears units: a sweep, or a
 * RESOLVE inside {@link #exclusively}.
 */
final class Sweeper implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Sweeper.class);
    private static final int BATCH = 256;
    private static final int NOBODY = 0;
    private static final int ALL_SPANS = Geometry.spanMask(0, Geometry.SPANS_PER_SECTION_SHIFT);
    private static final long MIN_PAUSE_NANOS = TimeUnit.MICROSECONDS.toNanos(20);
    private static final long MAX_PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(1);

    private final MetadataLayout layout;
    private final MemoryRegion metadata;
    private final BlockWindows windows;
    private final LoopBack loopBack;
    private final IntConsumer violator;
    private final Thread thread;
    private final long[] entries = new long[BATCH];
    private final int[] sweptSegments = new int[BATCH];
    private final long[] sweptHeads = new long[BATCH];
    private int batch;
    private int swept;
    private int nextSegment;
    private volatile long revoked;
    private volatile boolean failed;
    private volatile boolean closed;

    /**
     * Starts sweeping.
     *
     * @param violator told the owner whose ring holds what it must not hold
     */
    Sweeper(
            MemoryNodeOptions options,
            MetadataLayout layout,
            MemoryRegion metadata,
            BlockWindows windows,
            IntConsumer violator) {
        this.layout = layout;
        this.metadata = metadata;
        this.windows = windows;
        this.violator = violator;
        this.loopBack = new LoopBack(metadata, options.fenceTimeout().toNanos());
        this.thread = new Thread(this::run, "finemem-sweeper-" + options.name());
        thread.setDaemon(true);
    }

    void start() {
        thread.start();
    }

    private void run() {
        long pause = MIN_PAUSE_NANOS;
        while (!closed && !failed) {
            pause = sweepAll() ? MIN_PAUSE_NANOS : Math.min(2 * pause, MAX_PAUSE_NANOS);
            LockSupport.parkNanos(this, pause);
        }
    }

    private boolean sweepAll() {
        try {
            return sweep(owner -> true) > 0;
        } catch (FineMemException e) {
            if (!failed) {
                LOG.warn("freed blocks wait for their revocation, which is tried again: {}", e.getMessage());
            } else if (!closed) {
                LOG.error("blocks cannot be revoked any more, and freed ones stay in use: {}", e.getMessage());
            }
            return false;
        }
    }

    /** Finishes what fenced owners freed (rule R10), then runs RESOLVE, with no sweep in between. */
    synchronized void exclusively(Set<Integer> fenced, LoopBack resolverLoopBack, Procedure resolve) {
        int done = 1;
        while (done > 0 && !failed) {
            done = sweep(fenced::contains);
        }
        resolverLoopBack.run(resolve);
    }

    /** One batch of the entries of these owners; returns how many. */
    private synchronized int sweep(IntPredicate owners) {
        collect(owners);
        if (batch == 0 && swept == 0) {
            return 0;
        }
        ClearUnits clear = new ClearUnits(layout);
        for (int i = 0; i < batch; i++) {
            name(metadata.getWord(layout.journalSlot(RevokeEntry.slot(entries[i]))), clear);
        }
        try {
            windows.revoke();
        } catch (OperationTimeout e) {
            throw e; // nothing was cleared: the same entries are taken again
        } catch (RuntimeException e) {
            failed = true;
            throw e;
        }
        try {
            loopBack.run(clear);
        } catch (RuntimeException e) {
            failed = true;
            throw e;
        }
        for (int i = 0; i < swept; i++) {
            metadata.putWord(layout.revokeHead(sweptSegments[i]), sweptHeads[i]);
        }
        revoked += batch;
        return batch;
    }

    private void collect(IntPredicate owners) {
        batch = 0;
        swept = 0;
        int segments = layout.journalSegments();
        for (int i = 0; i < segments && batch < BATCH; i++) {
            int segment = nextSegment;
            nextSegment = nextSegment + 1 == segments ? 0 : nextSegment + 1;
            int owner = (int) metadata.getWord(layout.segmentOwner(segment));
            if (owner != NOBODY && owners.test(owner)) {
                collect(segment, owner);
            }
        }
    }

    private void collect(int segment, int owner) {
        long start = metadata.getWord(layout.revokeHead(segment));
        long head = start;
        while (batch < BATCH) {
            long entry = metadata.getWord(layout.revokeEntry(segment, head));
            if (RevokeEntry.lap(entry) != RevokeEntry.lapOf(head, layout.ringEntries())) {
                break;
            }
            if (!covered(entry, segment)) {
                violator.accept(owner);
                break;
            }
            entries[batch++] = entry;
            head++;
        }
        if (head != start) {
            sweptSegments[swept] = segment;
            sweptHeads[swept++] = head;
        }
    }

    private boolean covered(long entry, int segment) {
        int slot = RevokeEntry.slot(entry);
        if (slot >= layout.journalSegments() * layout.segmentSlots() || layout.segmentOf(slot) != segment) {
            return false;
        }
        long word = metadata.getWord(layout.journalSlot(slot));
        int unit = JournalSlot.unit(word);
        int units = JournalSlot.mask(word);
        if (JournalSlot.kind(word) != JournalSlot.PENDING || units == 0 || units != RevokeEntry.units(entry)) {
            return false;
        }
        return switch (JournalSlot.type(word)) {
            case JournalSlot.CHUNKS -> unit < layout.spans() && isBlock(units) && used(unit, units);
            case JournalSlot.SPANS -> unit < layout.sections() && isBlock(units) && taken(unit, units);
            case JournalSlot.SECTIONS -> units > 0 && units <= layout.sections() - unit && allTaken(unit, units);
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

    private boolean used(int span, int chunks) {
        return (SpanHeader.map(metadata.getWord(layout.spanHeader(span))) & chunks) == chunks;
    }

    private boolean taken(int section, int spans) {
        return (SectionWord.takenSpans(metadata.getWord(layout.sectionWord(section))) & spans) == spans;
    }

    private boolean allTaken(int first, int sections) {
        for (int section = first; section < first + sections; section++) {
            if (!taken(section, ALL_SPANS)) {
                return false;
            }
        }
        return true;
    }

    private void name(long slot, ClearUnits clear) {
        int unit = JournalSlot.unit(slot);
        int units = JournalSlot.mask(slot);
        switch (JournalSlot.type(slot)) {
            case JournalSlot.CHUNKS -> {
                windows.block(unit, units);
                clear.addChunks(unit, units);
            }
            case JournalSlot.SPANS -> {
                windows.spanBlock(unit, units);
                clear.addSpans(unit, units);
            }
            default -> {
                for (int section = unit; section < unit + units; section++) {
                    windows.spanBlock(section, ALL_SPANS);
                    clear.addSpans(section, ALL_SPANS);
                }
            }
        }
    }

    /** Blocks revoked. */
    long revoked() {
        return revoked;
    }

    /** Entries that wait. */
    synchronized long pending() {
        long pending = 0;
        for (int segment = 0; segment < layout.journalSegments(); segment++) {
            long head = metadata.getWord(layout.revokeHead(segment));
            long position = head;
            while (position - head < layout.ringEntries()
                    && RevokeEntry.lap(metadata.getWord(layout.revokeEntry(segment, position)))
                            == RevokeEntry.lapOf(position, layout.ringEntries())) {
                position++;
            }
            pending += position - head;
        }
        return pending;
    }

    /** Windows exchanged because their rkeys were used up. */
    synchronized long exchanged() {
        return windows.exchanged();
    }

    /** Stops the thread and releases the windows. */
    @Override
    public void close() {
        closed = true;
        LockSupport.unpark(thread);
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        loopBack.close();
        windows.close();
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
