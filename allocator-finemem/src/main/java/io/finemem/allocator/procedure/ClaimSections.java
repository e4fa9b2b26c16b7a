package io.finemem.allocator.procedure;

import io.finemem.allocator.decision.SectionDecisions;
import io.finemem.allocator.layout.CapabilityWord;
import io.finemem.allocator.layout.Geometry;
import io.finemem.allocator.layout.JournalSlot;
import io.finemem.allocator.layout.MetadataLayout;
import io.finemem.allocator.layout.SectionWord;
import java.util.Arrays;

/**
 * Claims a block of more than 2 MiB: {@code n} consecutive, entirely empty sections.
 *
 * <pre>
 *   claim     [WRITE slot = PENDING sections first n]  [CAS word 1: all 00 -> all 11] ... [CAS word n]  [READ capability]
 *   take back [FETCH_ADD word: all 11 -> all 00] per section won, if a CAS failed
 * </pre>
 *
 * In strict isolation each section has an rkey of its own, and the chain reads them all.
 *
 * <p>Up to {@link #SECTIONS_PER_CHAIN} sections one chain does it; more take a chain per that many, and the first failed CAS
 * ends the claim. The slot names the whole run from before the first CAS until after the last section was taken back, so a
 * crash at any point leaves nothing unnamed.
 */
public final class ClaimSections implements Procedure {
    /** Most sections that one chain claims or takes back; half of it claims where each section has an rkey of its own. */
    public static final int SECTIONS_PER_CHAIN = 32;

    private static final int[] ONE_RKEY = {};
    private static final int WHOLE_SECTION = CapabilityWord.spanNode(0, Geometry.SPANS_PER_SECTION_SHIFT);

    private static final int ALL_SPANS = 0xffff;

    /** Where a claim stands. */
    public enum State {
        /** Sections are being claimed. */
        CLAIMING,
        /** A CAS failed: the sections won are being taken back. */
        TAKING_BACK,
        /** The block is held. */
        CLAIMED,
        /** Nothing is held; {@link ClaimSections#word} has the current words. */
        REFUSED,
        /** The connection failed: held, partly held or not. */
        IN_DOUBT
    }

    private final MetadataLayout layout;
    private State state = State.REFUSED;
    private int first;
    private int count;
    private int slot;
    private long[] words = new long[SECTIONS_PER_CHAIN];
    private boolean[] won = new boolean[SECTIONS_PER_CHAIN];
    /** Sections of earlier chains; those of the chain under way start here. */
    private int done;

    private int inChain;
    private int failedAttempts;
    private int[] rkeys = {0};

    /** A claim that is to be {@linkplain #prepare prepared}. */
    public ClaimSections(MetadataLayout layout) {
        this.layout = layout;
    }

    /**
     * Starts over; {@link #expect} must then be called for every section.
     *
     * @param first first section
     * @param count sections, 1 or more
     * @param slot free journal slot of the owner without operations in flight
     */
    public ClaimSections prepare(int first, int count, int slot) {
        this.first = first;
        this.count = count;
        this.slot = slot;
        this.done = 0;
        this.inChain = 0;
        this.failedAttempts = 0;
        this.rkeys = keyed() ? new int[count] : rkeys;
        if (words.length < count) {
            words = new long[count];
            won = new boolean[count];
        }
        Arrays.fill(won, 0, count, false);
        this.state = State.CLAIMING;
        return this;
    }

    /** The word of a section of the run as known; may be stale. A section that is not all empty refuses the claim. */
    public void expect(int index, long word) {
        words[index] = word;
        if (!SectionDecisions.allEmpty(word)) {
            state = State.REFUSED;
        }
    }

    @Override
    public boolean next(WordChain chain) {
        return switch (state) {
            case CLAIMING -> claim(chain);
            case TAKING_BACK -> takeBack(chain);
            case CLAIMED, REFUSED, IN_DOUBT -> false;
        };
    }

    private boolean claim(WordChain chain) {
        inChain = Math.min(keyed() ? SECTIONS_PER_CHAIN / 2 : SECTIONS_PER_CHAIN, count - done);
        chain.write(layout.journalSlot(slot), JournalSlot.pendingSections(first, count));
        for (int i = done; i < done + inChain; i++) {
            chain.compareAndSwap(layout.sectionWord(first + i), words[i], SectionDecisions.taken(words[i], ALL_SPANS));
        }
        int firstKey = keyed() ? first + done : first;
        for (int i = 0; i < keysInChain(); i++) {
            chain.read(layout.spanCapability(firstKey + i, WHOLE_SECTION));
        }
        return true;
    }

    /** Strict isolation. */
    private boolean keyed() {
        return layout.ringEntries() > 0;
    }

    private int keysInChain() {
        return keyed() ? inChain : 1;
    }

    private boolean takeBack(WordChain chain) {
        inChain = 0;
        for (int i = 0; i < count && inChain < SECTIONS_PER_CHAIN; i++) {
            if (won[i]) {
                chain.fetchAdd(layout.sectionWord(first + i), SectionWord.freeAddend(ALL_SPANS));
                inChain++;
            }
        }
        return true;
    }

    @Override
    public void completed(WordResults results) {
        if (state == State.CLAIMING) {
            claimed(results);
        } else {
            tookBack(results);
        }
    }

    private void claimed(WordResults results) {
        for (int i = 0; i < inChain; i++) {
            int index = done + i;
            long before = results.word(1 + i);
            won[index] = before == words[index];
            words[index] = won[index] ? SectionDecisions.taken(before, ALL_SPANS) : before;
            failedAttempts += won[index] ? 0 : 1;
        }
        for (int i = 0; i < keysInChain(); i++) {
            rkeys[keyed() ? done + i : 0] = CapabilityWord.rkey(results.word(1 + inChain + i), WHOLE_SECTION);
        }
        done += inChain;
        if (failedAttempts > 0) {
            state = anyWon() ? State.TAKING_BACK : State.REFUSED;
        } else if (done == count) {
            state = State.CLAIMED;
        }
    }

    private void tookBack(WordResults results) {
        int element = 0;
        for (int i = 0; i < count && element < inChain; i++) {
            if (won[i]) {
                words[i] = SectionDecisions.freed(results.word(element++), ALL_SPANS);
                won[i] = false;
            }
        }
        state = anyWon() ? State.TAKING_BACK : State.REFUSED;
    }

    private boolean anyWon() {
        for (int i = 0; i < count; i++) {
            if (won[i]) {
                return true;
            }
        }
        return false;
    }

    @Override
    public void lost() {
        state = State.IN_DOUBT;
    }

    @Override
    public void state(StateSink sink) {
        sink.number(state.ordinal());
        sink.number(first);
        sink.number(count);
        sink.slot(slot);
        sink.number(done);
        sink.number(inChain);
        sink.number(failedAttempts > 0 ? 1 : 0);
        for (int i = 0; i < count; i++) {
            sink.number(won[i] ? 1 : 0);
            sink.word(layout.sectionWord(first + i), words[i]);
        }
    }

    @Override
    public ClaimSections copy() {
        ClaimSections copy = new ClaimSections(layout);
        copy.state = state;
        copy.first = first;
        copy.count = count;
        copy.slot = slot;
        copy.words = words.clone();
        copy.won = won.clone();
        copy.done = done;
        copy.inChain = inChain;
        copy.failedAttempts = failedAttempts;
        copy.rkeys = rkeys.clone();
        return copy;
    }

    /** Where the claim stands. */
    public State state() {
        return state;
    }

    /** The word of a section of the run as known now. */
    public long word(int index) {
        return words[index];
    }

    /** Key of the block's first section, once the block is claimed. */
    public int rkey() {
        return rkeys[0];
    }

    /** Keys of all sections where each has its own, else none; not changed by later claims. */
    public int[] rkeys() {
        return keyed() ? rkeys : ONE_RKEY;
    }

    /** Compare-and-swaps that found another value. */
    public int failedAttempts() {
        return failedAttempts;
    }
}
