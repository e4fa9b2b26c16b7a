package io.finemem.allocator.recovery;

import io.finemem.allocator.layout.Geometry;
import io.finemem.allocator.layout.JournalSlot;
import io.finemem.allocator.layout.MetadataLayout;
import io.finemem.allocator.layout.RevokeEntry;
import io.finemem.allocator.procedure.ClearUnits;
import io.finemem.allocator.procedure.Procedure;
import io.finemem.allocator.procedure.StateSink;
import io.finemem.allocator.procedure.WordChain;
import io.finemem.allocator.procedure.WordResults;
import java.util.Arrays;

/**
 * Revokes one batch of freed blocks in strict isolation, for the entries of some revoke rings and in this order (rule R16):
 *
 * <ol>
 *   <li>read the entries of each ring from a position on;
 *   <li>check that the slot of each entry names what is to be freed, and that it is in use;
 *   <li>end the rkeys of the blocks;
 *   <li>clear the units, one FETCH_ADD per word for all blocks in it;
 *   <li>store the heads of the rings: the owners may use the slots again.
 * </ol>
 *
 * Run by the memory node only, one at a time and not while a RESOLVE runs (rule R18). If it is cut off before step 4 nothing
 * happened that may not be repeated. Cut off in step 4 the batch is {@linkplain #inDoubt in doubt}: once the loop-back
 * connection is fenced its slots are RESOLVEd, and nothing of it is repeated (rule R17).
 *
 * <p>An entry that names what its slot does not hold ends the reading of its ring: see {@link #violated}.
 */
public final class SweepRings implements Procedure {
    /** Most entries of a batch. */
    public static final int BATCH = 256;

    private static final int GROUP = 32;
    private static final int ALL_SPANS = Geometry.spanMask(0, Geometry.SPANS_PER_SECTION_SHIFT);

    private enum Phase {
        ENTRIES,
        SLOTS,
        WORDS,
        CLEAR,
        HEADS,
        DONE
    }

    private final MetadataLayout layout;
    private final Revoker revoker;
    private Phase phase = Phase.DONE;
    private boolean lost;
    private ClearUnits clear;

    private RingCursor[] rings = {};
    private int ringCount;
    private int readable;

    private final RevokedBlock[] blocks = new RevokedBlock[BATCH];
    private int size;
    /** Progress within the phase, and within a block of several sections. */
    private int cursor;

    private int sectionCursor;
    private int inChain;
    private final int[] chainIndices = new int[GROUP];
    private final int[] chainParts = new int[GROUP];

    /**
     * A batch that is to be {@linkplain #prepare prepared}.
     *
     * @param revoker ends rkeys before their units are given back
     */
    public SweepRings(MetadataLayout layout, Revoker revoker) {
        this.layout = layout;
        this.revoker = revoker;
        this.clear = new ClearUnits(layout);
    }

    /** Starts over, with no ring. */
    public SweepRings prepare() {
        phase = Phase.ENTRIES;
        lost = false;
        clear = new ClearUnits(layout);
        ringCount = 0;
        readable = 0;
        size = 0;
        cursor = 0;
        sectionCursor = 0;
        inChain = 0;
        return this;
    }

    /**
     * One more ring; not after the procedure began to run.
     *
     * @param segment segment of the journal that the ring belongs to
     * @param position of the first entry that was in no batch before
     * @param acknowledge whether the head is to be stored; not while earlier entries are in doubt
     */
    public void addRing(int segment, long position, boolean acknowledge) {
        if (ringCount == rings.length) {
            rings = Arrays.copyOf(rings, Math.max(GROUP, 2 * ringCount));
        }
        rings[ringCount++] = new RingCursor(segment, position, acknowledge);
        readable++;
    }

    @Override
    public boolean next(WordChain chain) {
        while (!lost && phase != Phase.DONE) {
            inChain = 0;
            if (append(chain)) {
                return true;
            }
            leave();
        }
        return false;
    }

    private boolean append(WordChain chain) {
        switch (phase) {
            case ENTRIES -> readEntries(chain);
            case SLOTS -> readSlots(chain);
            case WORDS -> readWords(chain);
            case CLEAR -> {
                return clear.next(chain);
            }
            case HEADS -> writeHeads(chain);
            case DONE -> throw new AssertionError(phase);
        }
        return inChain > 0;
    }

    /** The phase has nothing more to do. */
    private void leave() {
        cursor = 0;
        switch (phase) {
            case ENTRIES -> phase = size == 0 ? Phase.DONE : Phase.SLOTS;
            case SLOTS -> phase = Phase.WORDS;
            case WORDS -> {
                revoke();
                phase = Phase.CLEAR;
            }
            case CLEAR -> phase = Phase.HEADS;
            case HEADS -> phase = Phase.DONE;
            case DONE -> throw new AssertionError(phase);
        }
    }

    private void readEntries(WordChain chain) {
        if (readable == 0 || size == BATCH) {
            return;
        }
        int each = Math.max(1, GROUP / readable);
        int first = cursor;
        do {
            RingCursor ring = rings[cursor];
            for (int i = 0; i < each && ring.readable() && inChain < GROUP; i++) {
                chainIndices[inChain] = cursor;
                chainParts[inChain++] = i;
                chain.read(layout.revokeEntry(ring.segment(), ring.next() + i));
            }
            cursor = cursor + 1 == ringCount ? 0 : cursor + 1;
        } while (cursor != first && inChain < GROUP);
    }

    private void takeEntries(WordResults results) {
        for (int i = 0; i < inChain; i++) {
            RingCursor ring = rings[chainIndices[i]];
            if (!ring.readable() || size == BATCH) {
                continue;
            }
            long entry = results.word(i);
            if (RevokeEntry.lap(entry) != RevokeEntry.lapOf(ring.next(), layout.ringEntries())) {
                ring.end();
            } else if (!ofSegment(RevokeEntry.slot(entry), ring.segment())) {
                ring.violate();
            } else {
                blocks[size++] = new RevokedBlock(ring, ring.take(), entry);
            }
            readable -= ring.readable() ? 0 : 1;
        }
    }

    private boolean ofSegment(int slot, int segment) {
        return slot < layout.journalSegments() * layout.segmentSlots() && layout.segmentOf(slot) == segment;
    }

    private void readSlots(WordChain chain) {
        for (; cursor < size && inChain < GROUP; cursor++) {
            chainIndices[inChain++] = cursor;
            chain.read(layout.journalSlot(blocks[cursor].slot()));
        }
    }

    /** The words that hold the units of the blocks: one per block, and per section of a block of several. */
    private void readWords(WordChain chain) {
        while (cursor < size && inChain < GROUP) {
            RevokedBlock block = blocks[cursor];
            if (block.refused() || sectionCursor == block.words()) {
                cursor++;
                sectionCursor = 0;
                continue;
            }
            chainIndices[inChain] = cursor;
            chainParts[inChain++] = sectionCursor;
            chain.read(block.word(layout, sectionCursor++));
        }
    }

    /** Rule R16: an rkey is dead before the bit is clear. */
    private void revoke() {
        for (int i = 0; i < size; i++) {
            RevokedBlock block = blocks[i];
            if (block.refused()) {
                continue;
            }
            int unit = JournalSlot.unit(block.slotWord());
            int units = JournalSlot.mask(block.slotWord());
            switch (JournalSlot.type(block.slotWord())) {
                case JournalSlot.CHUNKS -> {
                    revoker.block(unit, units);
                    clear.addChunks(unit, units);
                }
                case JournalSlot.SPANS -> revokeSpans(unit, units);
                default -> {
                    for (int section = unit; section < unit + units; section++) {
                        revokeSpans(section, ALL_SPANS);
                    }
                }
            }
        }
        revoker.revoke();
    }

    private void revokeSpans(int section, int spans) {
        revoker.spanBlock(section, spans);
        clear.addSpans(section, spans);
    }

    private void writeHeads(WordChain chain) {
        for (; cursor < ringCount && inChain < GROUP; cursor++) {
            RingCursor ring = rings[cursor];
            if (ring.acknowledge() && ring.moved()) {
                inChain++;
                chain.write(layout.revokeHead(ring.segment()), ring.next());
            }
        }
    }

    @Override
    public void completed(WordResults results) {
        switch (phase) {
            case ENTRIES -> takeEntries(results);
            case SLOTS -> {
                for (int i = 0; i < inChain; i++) {
                    RevokedBlock block = blocks[chainIndices[i]];
                    if (!block.named(layout, results.word(i))) {
                        block.refuse();
                    }
                }
            }
            case WORDS -> {
                for (int i = 0; i < inChain; i++) {
                    RevokedBlock block = blocks[chainIndices[i]];
                    if (!block.inUse(results.word(i))) {
                        block.refuse();
                    }
                }
            }
            case CLEAR -> clear.completed(results);
            case HEADS -> {}
            case DONE -> throw new AssertionError(phase);
        }
    }

    @Override
    public void lost() {
        lost = true;
    }

    @Override
    public void state(StateSink sink) {
        sink.number(phase.ordinal());
        sink.number(lost ? 1 : 0);
        clear.state(sink);
        sink.number(ringCount);
        for (int i = 0; i < ringCount; i++) {
            rings[i].state(sink);
        }
        sink.number(size);
        for (int i = 0; i < size; i++) {
            blocks[i].state(sink);
        }
        sink.number(cursor);
        sink.number(sectionCursor);
        sink.number(inChain);
        for (int i = 0; i < inChain; i++) {
            sink.number(chainIndices[i]);
            sink.number(chainParts[i]);
        }
    }

    @Override
    public SweepRings copy() {
        SweepRings copy = new SweepRings(layout, revoker);
        copy.phase = phase;
        copy.lost = lost;
        copy.clear = clear.copy();
        copy.rings = new RingCursor[rings.length];
        copy.ringCount = ringCount;
        copy.readable = readable;
        for (int i = 0; i < ringCount; i++) {
            copy.rings[i] = rings[i].copy();
        }
        for (int i = 0; i < size; i++) {
            copy.blocks[i] = blocks[i].copy(copy.rings[indexOf(blocks[i].ring())]);
        }
        copy.size = size;
        copy.cursor = cursor;
        copy.sectionCursor = sectionCursor;
        copy.inChain = inChain;
        System.arraycopy(chainIndices, 0, copy.chainIndices, 0, GROUP);
        System.arraycopy(chainParts, 0, copy.chainParts, 0, GROUP);
        return copy;
    }

    private int indexOf(RingCursor ring) {
        for (int i = 0; i < ringCount; i++) {
            if (rings[i] == ring) {
                return i;
            }
        }
        throw new AssertionError(ring);
    }

    /** Whether all blocks of the batch are revoked and acknowledged. */
    public boolean swept() {
        return phase == Phase.DONE;
    }

    /** Whether it was cut off when units may have been cleared: it must not be repeated. */
    public boolean inDoubt() {
        return phase == Phase.CLEAR || phase == Phase.HEADS;
    }

    /** Entries in the batch. */
    public int entries() {
        int entries = 0;
        for (int i = 0; i < size; i++) {
            entries += blocks[i].refused() ? 0 : 1;
        }
        return entries;
    }

    /** Slots of a ring's entries in the batch, by the order in which the rings were added. */
    public int[] slots(int ring) {
        return Arrays.stream(blocks, 0, size)
                .filter(block -> block.ring() == rings[ring] && !block.refused())
                .mapToInt(RevokedBlock::slot)
                .toArray();
    }

    /** The position of a ring's first entry that is not in the batch. */
    public long next(int ring) {
        return rings[ring].next();
    }

    /** Whether a ring holds what it must not hold: its owner is to be taken for dead. */
    public boolean violated(int ring) {
        return rings[ring].violated();
    }
}
