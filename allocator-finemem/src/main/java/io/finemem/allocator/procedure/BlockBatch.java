package io.finemem.allocator.procedure;

import io.finemem.allocator.decision.SpanDecisions;
import io.finemem.allocator.layout.CapabilityWord;
import io.finemem.allocator.layout.Geometry;
import io.finemem.allocator.layout.JournalSlot;
import io.finemem.allocator.layout.MetadataLayout;
import java.util.Arrays;

/**
 * Blocks of one size that one compare-and-swap claims in one word, each with a journal slot of its own: chunks of a span, or
 * spans of a section.
 *
 * <pre>
 *   [WRITE slot 1 = PENDING units 1] ... [WRITE slot n = PENDING units n]   [CAS word]   [READ capability] ...
 *   \______________________ {@link #write} ______________________/   the caller's   \____ {@link #read} ____/
 * </pre>
 *
 * In direct isolation all blocks have the same rkey, so one READ brings it; in strict isolation neighbours share a word and a
 * READ. A slot beyond the blocks that fit is not written, and one that an earlier attempt has written says nothing.
 */
final class BlockBatch {
    private final MetadataLayout layout;
    private final boolean chunks;
    private int order;
    private int offered;
    private int size;
    private int[] slots = {0};
    private int[] first = {0};
    private int[] rkeys = {0};

    private BlockBatch(MetadataLayout layout, boolean chunks) {
        this.layout = layout;
        this.chunks = chunks;
    }

    /** Blocks of chunks of a span. */
    static BlockBatch ofChunks(MetadataLayout layout) {
        return new BlockBatch(layout, true);
    }

    /** Blocks of spans of a section. */
    static BlockBatch ofSpans(MetadataLayout layout) {
        return new BlockBatch(layout, false);
    }

    /** One block. */
    void prepare(int orderOfBlock, int slot) {
        order = orderOfBlock;
        offered = 1;
        size = 0;
        slots[0] = slot;
        rkeys[0] = 0;
    }

    /** A block for each of the first {@code count} slots, as far as there is room. */
    void prepare(int orderOfBlocks, int[] slotsOfBlocks, int count) {
        order = orderOfBlocks;
        offered = count;
        size = 0;
        if (slots.length < count) {
            slots = new int[count];
            first = new int[count];
            rkeys = new int[count];
        }
        System.arraycopy(slotsOfBlocks, 0, slots, 0, count);
        Arrays.fill(rkeys, 0, count, 0);
    }

    /** Slots that were given. */
    int offered() {
        return offered;
    }

    /**
     * Places up to {@code most} blocks, lowest first.
     *
     * @param map units in use
     * @return whether one found room
     */
    boolean place(int map, int most) {
        int used = map;
        size = 0;
        while (size < most) {
            int unit = SpanDecisions.freeRun(used, order);
            if (unit == SpanDecisions.NONE) {
                break;
            }
            first[size] = unit;
            used |= mask(size++);
        }
        return size > 0;
    }

    /** Blocks that were placed. */
    int size() {
        return size;
    }

    /** First chunk, or span of its section, of a block. */
    int first(int index) {
        return first[index];
    }

    /** Units of a block. */
    int mask(int index) {
        return chunks ? Geometry.mask(first[index], order) : Geometry.spanMask(first[index], order);
    }

    /** Units of all blocks that were placed. */
    int mask() {
        int union = 0;
        for (int i = 0; i < size; i++) {
            union |= mask(i);
        }
        return union;
    }

    /** One WRITE per block: its slot names its units of the span or section. */
    void write(WordChain chain, int unit) {
        for (int i = 0; i < size; i++) {
            long entry = chunks ? JournalSlot.pendingChunks(unit, mask(i)) : JournalSlot.pendingSpans(unit, mask(i));
            chain.write(layout.journalSlot(slots[i]), entry);
        }
    }

    /** A READ per capability word that is needed. */
    void read(WordChain chain, int unit) {
        for (int i = 0; i < size; i++) {
            if (hasOwnRead(i)) {
                int node = node(i);
                chain.read(chunks ? layout.capability(unit, node) : layout.spanCapability(unit, node));
            }
        }
    }

    /** Takes the rkeys from the READs, the first of which is this element of the chain. */
    void keys(WordResults results, int firstElement) {
        int element = firstElement - 1;
        for (int i = 0; i < size; i++) {
            element += hasOwnRead(i) ? 1 : 0;
            rkeys[i] = CapabilityWord.rkey(results.word(element), node(i));
        }
    }

    private boolean hasOwnRead(int index) {
        return index == 0 || layout.ringEntries() > 0 && !CapabilityWord.shared(node(index - 1), node(index));
    }

    private int node(int index) {
        return chunks ? CapabilityWord.node(first[index], order) : CapabilityWord.spanNode(first[index], order);
    }

    /** Key of a block. */
    int rkey(int index) {
        return rkeys[index];
    }

    void state(StateSink sink) {
        sink.number(order);
        sink.number(offered);
        sink.number(size);
        for (int i = 0; i < offered; i++) {
            sink.slot(slots[i]);
            sink.number(i < size ? first[i] : 0);
        }
    }

    BlockBatch copy() {
        BlockBatch copy = new BlockBatch(layout, chunks);
        copy.order = order;
        copy.offered = offered;
        copy.size = size;
        copy.slots = slots.clone();
        copy.first = first.clone();
        copy.rkeys = rkeys.clone();
        return copy;
    }
}
