package io.finemem.allocator.procedure;

import io.finemem.allocator.layout.MetadataLayout;
import io.finemem.allocator.layout.SectionWord;
import io.finemem.allocator.layout.SpanHeader;
import io.finemem.api.ProtocolViolation;
import java.util.Map;
import java.util.TreeMap;

/**
 * Gives back units whose rkeys are dead, on behalf of their holders: one FETCH_ADD per word, however many blocks are in it.
 * Run by the memory node only, for blocks that only it may free any more.
 *
 * <pre>
 *   [FETCH_ADD header: clears chunks, version + 1] or [FETCH_ADD section word: states 11 -> 00], up to 32 per chain
 * </pre>
 *
 * Not to be repeated after a failure: whether the interrupted ones were executed is unknown.
 */
public final class ClearUnits implements Procedure {
    private static final int BATCH = 32;
    private static final int SECTION_BIT = 1 << 31;

    private final MetadataLayout layout;
    private final TreeMap<Integer, Integer> masks = new TreeMap<>();
    private final int[] keys = new int[BATCH];
    private int inChain;

    /** Nothing to clear yet. */
    public ClearUnits(MetadataLayout layout) {
        this.layout = layout;
    }

    /** Chunks of a span; not after the procedure began to run. */
    public void addChunks(int span, int mask) {
        masks.merge(span, mask, (a, b) -> a | b);
    }

    /** Whole spans of a section; not after the procedure began to run. */
    public void addSpans(int section, int mask) {
        masks.merge(section | SECTION_BIT, mask, (a, b) -> a | b);
    }

    @Override
    public boolean next(WordChain chain) {
        inChain = 0;
        for (Map.Entry<Integer, Integer> word : masks.entrySet()) {
            if (inChain == BATCH) {
                break;
            }
            int key = word.getKey();
            keys[inChain++] = key;
            if (section(key)) {
                chain.fetchAdd(layout.sectionWord(unit(key)), SectionWord.freeAddend(word.getValue()));
            } else {
                chain.fetchAdd(layout.spanHeader(unit(key)), SpanHeader.freeAddend(word.getValue()));
            }
        }
        return inChain > 0;
    }

    private static boolean section(int key) {
        return (key & SECTION_BIT) != 0;
    }

    private static int unit(int key) {
        return key & ~SECTION_BIT;
    }

    @Override
    public void completed(WordResults results) {
        for (int i = 0; i < inChain; i++) {
            int mask = masks.remove(keys[i]);
            long before = results.word(i);
            int used = section(keys[i]) ? SectionWord.takenSpans(before) : SpanHeader.map(before);
            if ((used & mask) != mask) {
                throw new ProtocolViolation(
                        "a revoked unit was not in use: the metadata is corrupted",
                        section(keys[i]) ? "section" : "span",
                        unit(keys[i]),
                        "mask",
                        Integer.toHexString(mask),
                        "word",
                        Long.toHexString(before));
            }
        }
    }

    @Override
    public void lost() {
        masks.clear();
    }

    @Override
    public void state(StateSink sink) {
        sink.number(inChain);
        sink.number(masks.size());
        masks.forEach((key, mask) -> {
            sink.number(key);
            sink.number(mask);
        });
    }

    @Override
    public ClearUnits copy() {
        ClearUnits copy = new ClearUnits(layout);
        copy.masks.putAll(masks);
        System.arraycopy(keys, 0, copy.keys, 0, BATCH);
        copy.inChain = inChain;
        return copy;
    }
}
