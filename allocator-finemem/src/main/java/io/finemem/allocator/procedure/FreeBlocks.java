package io.finemem.allocator.procedure;

import io.finemem.allocator.decision.SectionDecisions;
import io.finemem.allocator.decision.SpanDecisions;
import io.finemem.allocator.layout.JournalSlot;
import io.finemem.allocator.layout.MetadataLayout;
import io.finemem.allocator.layout.SectionWord;
import io.finemem.allocator.layout.SpanHeader;
import io.finemem.api.ProtocolViolation;

/**
 * Frees several blocks in direct mode, with one chain and without retry:
 *
 * <pre>
 *   [WRITE slot = PENDING] per block that says OWNED   [FETCH_ADD header or section word] per word
 * </pre>
 *
 * Blocks of one word are taken from it by one FETCH_ADD: the owner holds all their units, so their sum borrows nothing. All
 * promises are withdrawn before the first of them (rule R3), and each slot covers its block until the chain has completed
 * (rule R2); cut off in between, every slot still says which units may be in use, and RESOLVE decides each by itself.
 */
public final class FreeBlocks implements Procedure {
    private static final int CAPACITY = WordChain.MAX_ELEMENTS;

    private enum State {
        POST,
        FREED,
        IN_DOUBT
    }

    private final MetadataLayout layout;
    private State state = State.FREED;
    private int promises;
    private int words;
    private int[] slots = new int[CAPACITY];
    private long[] withdrawn = new long[CAPACITY];
    /** Of each word: whether it is a header, its span or section, the units to clear, and what was left. */
    private boolean[] headers = new boolean[CAPACITY];

    private int[] units = new int[CAPACITY];
    private int[] masks = new int[CAPACITY];
    private long[] left = new long[CAPACITY];

    /** A free that is to be {@linkplain #prepare prepared}. */
    public FreeBlocks(MetadataLayout layout) {
        this.layout = layout;
    }

    /** Starts over, with nothing to free. */
    public FreeBlocks prepare() {
        promises = 0;
        words = 0;
        state = State.POST;
        return this;
    }

    /**
     * One more block; the caller has checked that the owner holds it.
     *
     * @param pending what the block's slot says, or says once its promise is withdrawn
     * @param slot the block's journal slot, without operations in flight
     * @param spanMask spans of each section that it touches as whole spans
     * @param confirmed whether the slot says OWNED
     * @return false if the chain has no room for it; nothing was added
     */
    public boolean add(long pending, int slot, int spanMask, boolean confirmed) {
        int type = JournalSlot.type(pending);
        int touched = type == JournalSlot.SECTIONS ? JournalSlot.mask(pending) : 1;
        if (promises + words + touched + (confirmed ? 1 : 0) > CAPACITY) {
            return false;
        }
        if (confirmed) {
            slots[promises] = slot;
            withdrawn[promises++] = pending;
        }
        for (int i = 0; i < touched; i++) {
            boolean chunks = type == JournalSlot.CHUNKS;
            clear(chunks, JournalSlot.unit(pending) + i, chunks ? JournalSlot.mask(pending) : spanMask);
        }
        return true;
    }

    private void clear(boolean header, int unit, int mask) {
        int word = words - 1;
        while (word >= 0 && (headers[word] != header || units[word] != unit)) {
            word--;
        }
        if (word < 0) {
            word = words++;
            headers[word] = header;
            units[word] = unit;
            masks[word] = 0;
        }
        masks[word] |= mask;
    }

    @Override
    public boolean next(WordChain chain) {
        if (state != State.POST || words == 0) {
            return false;
        }
        for (int i = 0; i < promises; i++) {
            chain.write(layout.journalSlot(slots[i]), withdrawn[i]);
        }
        for (int i = 0; i < words; i++) {
            if (headers[i]) {
                chain.fetchAdd(layout.spanHeader(units[i]), SpanHeader.freeAddend(masks[i]));
            } else {
                chain.fetchAdd(layout.sectionWord(units[i]), SectionWord.freeAddend(masks[i]));
            }
        }
        return true;
    }

    @Override
    public void completed(WordResults results) {
        for (int i = 0; i < words; i++) {
            long before = results.word(promises + i);
            int held = headers[i] ? SpanHeader.map(before) : SectionWord.takenSpans(before);
            if ((held & masks[i]) != masks[i]) {
                throw notInUse(i, before);
            }
            left[i] = headers[i] ? SpanDecisions.freed(before, masks[i]) : SectionDecisions.freed(before, masks[i]);
        }
        state = State.FREED;
    }

    private ProtocolViolation notInUse(int word, long before) {
        return new ProtocolViolation(
                "a freed block was not in use: the metadata is corrupted",
                headers[word] ? "span" : "section",
                units[word],
                "mask",
                Integer.toHexString(masks[word]),
                "word",
                headers[word] ? SpanHeader.toString(before) : SectionWord.toString(before));
    }

    @Override
    public void lost() {
        state = State.IN_DOUBT;
    }

    @Override
    public void state(StateSink sink) {
        sink.number(state.ordinal());
        sink.number(promises);
        for (int i = 0; i < promises; i++) {
            sink.slot(slots[i]);
            sink.number(withdrawn[i]);
        }
        sink.number(words);
        for (int i = 0; i < words; i++) {
            sink.number(headers[i] ? 1 : 0);
            sink.number(units[i]);
            sink.number(masks[i]);
        }
    }

    @Override
    public FreeBlocks copy() {
        FreeBlocks copy = new FreeBlocks(layout);
        copy.state = state;
        copy.promises = promises;
        copy.words = words;
        copy.slots = slots.clone();
        copy.withdrawn = withdrawn.clone();
        copy.headers = headers.clone();
        copy.units = units.clone();
        copy.masks = masks.clone();
        copy.left = left.clone();
        return copy;
    }

    /** Whether it is known that the blocks are free. */
    public boolean freed() {
        return state == State.FREED;
    }

    /** Words that the blocks are taken from. */
    public int words() {
        return words;
    }

    /** Whether a word is the header of a span; otherwise it is that of a section. */
    public boolean header(int word) {
        return headers[word];
    }

    /** The span or section of a word. */
    public int unit(int word) {
        return units[word];
    }

    /** What the free left in a word. */
    public long left(int word) {
        return left[word];
    }
}
