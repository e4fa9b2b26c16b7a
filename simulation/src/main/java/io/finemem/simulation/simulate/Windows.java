package io.finemem.simulation.simulate;

import io.finemem.allocator.layout.CapabilityWord;
import io.finemem.allocator.layout.Geometry;
import io.finemem.allocator.layout.JournalSlot;
import io.finemem.allocator.layout.MetadataLayout;
import io.finemem.allocator.layout.SectionWord;
import io.finemem.allocator.layout.SpanHeader;
import io.finemem.allocator.recovery.Revoker;
import io.finemem.simulation.step.PostedChain;
import io.finemem.simulation.step.Violation;
import java.util.Arrays;
import java.util.BitSet;

/**
 * Strict isolation: the windows of all blocks that a pool can have, one per node of the buddy trees, spans first. An rkey is
 * the number of times that its window was bound. What a procedure wants to be bound stands in front of its next chain, each
 * binding and each storing of an rkey an operation.
 */
final class Windows implements Revoker {
    private static final int WHOLE_SECTION = 1;
    private static final int ALL_SPANS = 0xffff;

    private final MetadataLayout layout;
    private final int[] rkeys;
    /** Windows whose rkey somebody has. */
    private final BitSet given = new BitSet();

    private final BitSet named = new BitSet();
    private final BitSet revoked = new BitSet();

    Windows(MetadataLayout layout) {
        this.layout = layout;
        rkeys = new int
                [layout.spans() * CapabilityWord.NODES_PER_SPAN + layout.sections() * CapabilityWord.NODES_PER_SECTION];
        Arrays.fill(rkeys, 1);
    }

    int count() {
        return rkeys.length;
    }

    private boolean ofSpan(int index) {
        return index < layout.spans() * CapabilityWord.NODES_PER_SPAN;
    }

    private int unit(int index) {
        return ofSpan(index)
                ? index / CapabilityWord.NODES_PER_SPAN
                : (index - layout.spans() * CapabilityWord.NODES_PER_SPAN) / CapabilityWord.NODES_PER_SECTION;
    }

    private int node(int index) {
        return index % (ofSpan(index) ? CapabilityWord.NODES_PER_SPAN : CapabilityWord.NODES_PER_SECTION);
    }

    private int ofSpan(int span, int node) {
        return span * CapabilityWord.NODES_PER_SPAN + node;
    }

    private int ofSection(int section, int node) {
        return layout.spans() * CapabilityWord.NODES_PER_SPAN + section * CapabilityWord.NODES_PER_SECTION + node;
    }

    /** Units of a window: chunks of its span, or spans of its section. */
    private int mask(int index) {
        int node = node(index);
        int depth = Integer.SIZE - 1 - Integer.numberOfLeadingZeros(node);
        int leaves = ofSpan(index) ? Geometry.CHUNKS_PER_SPAN : Geometry.SPANS_PER_SECTION;
        int length = leaves >> depth;
        return (int) ((1L << length) - 1) << node * length - leaves;
    }

    /** Offset of the word with the rkey of a window. */
    long offset(int index) {
        return ofSpan(index)
                ? layout.capability(unit(index), node(index))
                : layout.spanCapability(unit(index), node(index));
    }

    /** A window is bound anew: its old rkey is dead. */
    void bind(int index) {
        rkeys[index]++;
        given.clear(index);
    }

    /** The word with the rkey of a window. */
    long published(int index, long word) {
        return CapabilityWord.with(word, node(index), rkeys[index]);
    }

    /** Somebody has these rkeys of a block. */
    void give(long entry, int[] rkeysOfBlock) {
        int[] indices = indices(entry);
        for (int i = 0; i < indices.length; i++) {
            if (rkeys[indices[i]] == rkeysOfBlock[i]) {
                given.set(indices[i]);
            }
        }
    }

    /** Whether these are the rkeys of a block. */
    boolean valid(long entry, int[] rkeysOfBlock) {
        int[] indices = indices(entry);
        for (int i = 0; i < indices.length; i++) {
            if (rkeys[indices[i]] != rkeysOfBlock[i]) {
                return false;
            }
        }
        return true;
    }

    private int[] indices(long entry) {
        int unit = JournalSlot.unit(entry);
        int mask = JournalSlot.mask(entry);
        int order = Integer.numberOfTrailingZeros(Integer.bitCount(mask));
        return switch (JournalSlot.type(entry)) {
            case JournalSlot.CHUNKS ->
                new int[] {ofSpan(unit, CapabilityWord.node(Integer.numberOfTrailingZeros(mask), order))};
            case JournalSlot.SPANS ->
                new int[] {ofSection(unit, CapabilityWord.spanNode(Integer.numberOfTrailingZeros(mask), order))};
            default -> {
                int[] sections = new int[mask];
                Arrays.setAll(sections, i -> ofSection(unit + i, WHOLE_SECTION));
                yield sections;
            }
        };
    }

    /** I6: no rkey that was ever given to anyone is valid for a unit that is clear. */
    void check(Node node) {
        for (int index = given.nextSetBit(0); index >= 0; index = given.nextSetBit(index + 1)) {
            int used = ofSpan(index)
                    ? SpanHeader.map(node.word(layout.spanHeader(unit(index))))
                    : SectionWord.takenSpans(node.word(layout.sectionWord(unit(index))));
            if ((used & mask(index)) != mask(index)) {
                throw new Violation("I6: an rkey is alive on a clear bit: " + (ofSpan(index) ? "chunks " : "spans ")
                        + Integer.toHexString(mask(index)) + " of " + unit(index) + " of node " + node.number);
            }
        }
    }

    @Override
    public void block(int span, int mask) {
        int order = Integer.numberOfTrailingZeros(Integer.bitCount(mask));
        named.set(ofSpan(span, CapabilityWord.node(Integer.numberOfTrailingZeros(mask), order)));
    }

    @Override
    public void spanBlock(int section, int mask) {
        int order = Integer.numberOfTrailingZeros(Integer.bitCount(mask));
        named.set(ofSection(section, CapabilityWord.spanNode(Integer.numberOfTrailingZeros(mask & ALL_SPANS), order)));
    }

    @Override
    public void chunks(int span, int mask) {
        for (int node = 2; node < CapabilityWord.NODES_PER_SPAN; node++) {
            name(ofSpan(span, node), mask);
        }
    }

    @Override
    public void spans(int section, int mask) {
        for (int node = WHOLE_SECTION; node < CapabilityWord.NODES_PER_SECTION; node++) {
            name(ofSection(section, node), mask);
        }
    }

    private void name(int index, int mask) {
        if ((mask(index) & mask) == mask(index)) {
            named.set(index);
        }
    }

    @Override
    public void revoke() {
        revoked.or(named);
        named.clear();
    }

    /** Puts what is to be done with windows in front of a chain: all are bound, then all rkeys stored. */
    void putBefore(PostedChain chain) {
        int bound = 0;
        for (int index = revoked.nextSetBit(0); index >= 0; index = revoked.nextSetBit(index + 1)) {
            chain.insert(bound, PostedChain.BIND, offset(index), index, 0);
            chain.insert(2 * bound + 1, PostedChain.PUBLISH, offset(index), index, 0);
            bound++;
        }
        revoked.clear();
    }
}
