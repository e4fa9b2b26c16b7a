package io.finemem.allocator.recovery;

import io.finemem.allocator.decision.SectionDecisions;
import io.finemem.allocator.layout.Geometry;
import io.finemem.allocator.layout.JournalSlot;
import io.finemem.allocator.layout.MetadataLayout;
import io.finemem.allocator.procedure.Procedure;
import io.finemem.allocator.procedure.StateSink;
import io.finemem.allocator.procedure.WordChain;
import io.finemem.allocator.procedure.WordResults;
import io.finemem.api.ProtocolViolation;
import java.util.Arrays;
import java.util.Set;
import java.util.TreeSet;

/**
 * RESOLVE for all slots of all fenced owners, and for slots in doubt of owners alive, in one scan. Run by the memory node only, one at a time (rule R18); all owners
 * given are fenced (rule R9) and their connections drained.
 *
 * <ol>
 *   <li>Read the slots of the fenced owners: they name the <i>suspected</i> units.
 *   <li>Read the words of these units. A unit that is not in use is settled.
 *   <li>Read every slot of every other owner. OWNED: the unit is that owner's. PENDING: only that owner knows; the unit has to
 *       wait until it has settled its slots. Slots of fenced owners say nothing (rule R12).
 *   <li>Read the words again (rule R11). A word that changed is examined again: a claim or a free came in between, and a slot
 *       may have been missed.
 *   <li>What is left was held by a fenced owner, and nobody alive can touch it: one FETCH_ADD per word clears it; a transition
 *       that a fenced owner left is ended by a CAS of the section word.
 *   <li>Erase the slots whose words are all settled.
 * </ol>
 *
 * Nothing of it is kept elsewhere: it may be cut off after any step and started again.
 */
public final class ResolveSlots implements Procedure {
    private static final int BATCH = 32;
    private static final int MAX_ROUNDS = 8;

    private enum Phase {
        DIRECTORY,
        SUSPECTED_SLOTS,
        FIRST_READING,
        WITNESS_DIRECTORY,
        WITNESS_SLOTS,
        SECOND_READING,
        GIVE_BACK,
        ERASE,
        DONE
    }

    private final MetadataLayout layout;
    private final int maxRounds;
    private final Revoker revoker;
    private Suspects suspects;
    private int[] fenced = {};
    private int[] inDoubt = {};
    private Phase phase = Phase.DONE;
    private int round;

    /** Owner of each segment, as read last. */
    private int[] segmentOwners = {};
    /** Slots of the fenced owners and what they say. */
    private int[] slots = new int[16];

    private long[] slotWords = new long[16];
    private int slotCount;

    /** Progress within the phase, and where the chain under way began. */
    private int cursor;

    private int segmentCursor;
    private int chainStart;
    private final int[] chainIndices = new int[BATCH];
    private int inChain;

    private long reclaimedUnits;
    private int erasedSlots;

    /** A resolution in direct isolation that is to be {@linkplain #prepare prepared}. */
    public ResolveSlots(MetadataLayout layout) {
        this(layout, MAX_ROUNDS, Revoker.NONE);
    }

    /**
     * A resolution in direct isolation that is to be prepared.
     *
     * @param maxRounds how often words that change are examined before the rest is left to the next resolution, 1 or more
     */
    public ResolveSlots(MetadataLayout layout, int maxRounds) {
        this(layout, maxRounds, Revoker.NONE);
    }

    /**
     * A resolution that is to be prepared.
     *
     * @param revoker ends rkeys before their units are given back; called once nobody alive can touch these any more
     */
    public ResolveSlots(MetadataLayout layout, Revoker revoker) {
        this(layout, MAX_ROUNDS, revoker);
    }

    /** A resolution that is to be prepared, with that many rounds and that revoker. */
    public ResolveSlots(MetadataLayout layout, int maxRounds, Revoker revoker) {
        this.layout = layout;
        this.maxRounds = maxRounds;
        this.revoker = revoker;
        this.suspects = new Suspects(layout);
    }

    /**
     * Starts over.
     *
     * @param fencedOwners ids of all owners that are fenced and not recovered yet
     * @param slotsInDoubt slots of owners alive, whose chains were cut off by a fenced connection; they are treated as those
     *     of a fenced owner
     */
    public ResolveSlots prepare(Set<Integer> fencedOwners, Set<Integer> slotsInDoubt) {
        fenced = ascending(fencedOwners);
        inDoubt = ascending(slotsInDoubt);
        suspects = new Suspects(layout);
        segmentOwners = new int[layout.journalSegments()];
        slotCount = 0;
        round = 0;
        reclaimedUnits = 0;
        erasedSlots = 0;
        enter(Phase.DIRECTORY);
        return this;
    }

    private static int[] ascending(Set<Integer> numbers) {
        return numbers.stream().mapToInt(Integer::intValue).sorted().toArray();
    }

    private void enter(Phase next) {
        phase = next;
        cursor = 0;
        segmentCursor = 0;
    }

    @Override
    public boolean next(WordChain chain) {
        while (phase != Phase.DONE) {
            inChain = 0;
            chainStart = cursor;
            append(chain);
            if (inChain > 0) {
                return true;
            }
            leave();
        }
        return false;
    }

    private void append(WordChain chain) {
        switch (phase) {
            case DIRECTORY, WITNESS_DIRECTORY -> readDirectory(chain);
            case SUSPECTED_SLOTS -> readSuspectedSlots(chain);
            case FIRST_READING, SECOND_READING -> readWords(chain);
            case WITNESS_SLOTS -> readWitnesses(chain);
            case GIVE_BACK -> giveBack(chain);
            case ERASE -> erase(chain);
            case DONE -> throw new AssertionError(phase);
        }
    }

    /** The phase has nothing more to do. */
    private void leave() {
        switch (phase) {
            case DIRECTORY -> {
                collectSuspectedSlots();
                enter(Phase.SUSPECTED_SLOTS);
            }
            case SUSPECTED_SLOTS -> {
                for (int i = 0; i < slotCount; i++) {
                    if (JournalSlot.kind(slotWords[i]) != JournalSlot.EMPTY) {
                        suspects.add(slotWords[i]);
                    }
                }
                suspects.seal();
                enter(Phase.FIRST_READING);
            }
            case FIRST_READING -> enter(anyOpen() ? Phase.WITNESS_DIRECTORY : Phase.ERASE);
            case WITNESS_DIRECTORY -> enter(Phase.WITNESS_SLOTS);
            case WITNESS_SLOTS -> enter(Phase.SECOND_READING);
            case SECOND_READING -> {
                revokeHeld();
                enter(Phase.GIVE_BACK);
            }
            case GIVE_BACK -> again();
            case ERASE -> enter(Phase.DONE);
            case DONE -> throw new AssertionError(phase);
        }
    }

    /** Rule R16: an rkey is dead before the bit is clear. */
    private void revokeHeld() {
        for (int i = 0; i < suspects.size(); i++) {
            if (suspects.finding(i) == Suspects.Finding.OPEN && !suspects.transition(i)) {
                suspects.nameHeld(i, revoker);
            }
        }
        revoker.revoke();
    }

    /** Words that changed are examined again at once, a few times. */
    private void again() {
        round++;
        if (round < maxRounds && any(Suspects.Finding.CHANGED) && !any(Suspects.Finding.WAITING)) {
            suspects.reopen();
            enter(Phase.FIRST_READING);
        } else {
            enter(Phase.ERASE);
        }
    }

    private boolean anyOpen() {
        return any(Suspects.Finding.OPEN);
    }

    private boolean any(Suspects.Finding finding) {
        for (int i = 0; i < suspects.size(); i++) {
            if (suspects.finding(i) == finding) {
                return true;
            }
        }
        return false;
    }

    private void readDirectory(WordChain chain) {
        for (; cursor < segmentOwners.length && inChain < BATCH; cursor++) {
            chain.read(layout.segmentOwner(cursor));
            inChain++;
        }
    }

    private void collectSuspectedSlots() {
        for (int slot : inDoubt) {
            addSuspectedSlot(slot);
        }
        for (int segment = 0; segment < segmentOwners.length; segment++) {
            if (isFenced(segmentOwners[segment])) {
                for (int i = 0; i < layout.segmentSlots(); i++) {
                    addSuspectedSlot(layout.firstSlot(segment) + i);
                }
            }
        }
    }

    private void addSuspectedSlot(int slot) {
        if (slotCount == slots.length) {
            slots = Arrays.copyOf(slots, 2 * slotCount);
            slotWords = Arrays.copyOf(slotWords, 2 * slotCount);
        }
        slots[slotCount++] = slot;
    }

    private boolean isFenced(int owner) {
        return Arrays.binarySearch(fenced, owner) >= 0;
    }

    private void readSuspectedSlots(WordChain chain) {
        for (; cursor < slotCount && inChain < BATCH; cursor++) {
            chain.read(layout.journalSlot(slots[cursor]));
            inChain++;
        }
    }

    /** A transition takes two elements: section word, then header. */
    private void readWords(WordChain chain) {
        for (; cursor < suspects.size() && inChain < BATCH - 1; cursor++) {
            if (suspects.finding(cursor) != Suspects.Finding.OPEN) {
                continue;
            }
            chainIndices[inChain++] = cursor;
            chain.read(suspects.wordOffset(cursor));
            if (suspects.transition(cursor)) {
                chainIndices[inChain++] = cursor;
                chain.read(suspects.headerOffset(cursor));
            }
        }
    }

    private void readWitnesses(WordChain chain) {
        while (segmentCursor < segmentOwners.length && inChain < BATCH) {
            int owner = segmentOwners[segmentCursor];
            if (owner == 0 || isFenced(owner) || cursor == layout.segmentSlots()) {
                segmentCursor++;
                cursor = 0;
                continue;
            }
            int slot = layout.firstSlot(segmentCursor) + cursor++;
            if (Arrays.binarySearch(inDoubt, slot) < 0) {
                chainIndices[inChain++] = owner;
                chain.read(layout.journalSlot(slot));
            }
        }
    }

    private void giveBack(WordChain chain) {
        for (; cursor < suspects.size() && inChain < BATCH; cursor++) {
            if (suspects.finding(cursor) != Suspects.Finding.OPEN) {
                continue;
            }
            chainIndices[inChain++] = cursor;
            if (suspects.transition(cursor)) {
                long word = suspects.word(cursor);
                long ended = SectionDecisions.closed(word, Geometry.spanInSection(suspects.unit(cursor)));
                chain.compareAndSwap(suspects.wordOffset(cursor), word, ended);
            } else {
                chain.fetchAdd(suspects.wordOffset(cursor), suspects.freeAddend(cursor));
            }
        }
    }

    private void erase(WordChain chain) {
        for (; cursor < slotCount && inChain < BATCH; cursor++) {
            if (slotWords[cursor] != 0 && suspects.settled(slotWords[cursor])) {
                chainIndices[inChain++] = cursor;
                chain.write(layout.journalSlot(slots[cursor]), 0);
            }
        }
    }

    @Override
    public void completed(WordResults results) {
        switch (phase) {
            case DIRECTORY, WITNESS_DIRECTORY -> {
                for (int i = 0; i < inChain; i++) {
                    segmentOwners[chainStart + i] = (int) results.word(i);
                }
            }
            case SUSPECTED_SLOTS -> {
                for (int i = 0; i < inChain; i++) {
                    slotWords[chainStart + i] = results.word(i);
                }
            }
            case FIRST_READING -> firstReading(results);
            case WITNESS_SLOTS -> witness(results);
            case SECOND_READING -> secondReading(results);
            case GIVE_BACK -> gaveBack(results);
            case ERASE -> {
                for (int i = 0; i < inChain; i++) {
                    slotWords[chainIndices[i]] = 0;
                }
                erasedSlots += inChain;
            }
            case DONE -> throw new AssertionError(phase);
        }
    }

    private void firstReading(WordResults results) {
        for (int i = 0; i < inChain; i++) {
            int index = chainIndices[i];
            suspects.setWord(index, results.word(i));
            if (suspects.transition(index)) {
                suspects.setHeader(index, results.word(++i));
            }
            if (!suspects.suspicious(index)) {
                suspects.find(index, Suspects.Finding.SETTLED);
            }
        }
    }

    private void witness(WordResults results) {
        for (int i = 0; i < inChain; i++) {
            long slot = results.word(i);
            if (JournalSlot.kind(slot) != JournalSlot.EMPTY) {
                suspects.witness(slot, chainIndices[i]);
            }
        }
    }

    private void secondReading(WordResults results) {
        for (int i = 0; i < inChain; i++) {
            int index = chainIndices[i];
            boolean changed = results.word(i) != suspects.word(index);
            if (suspects.transition(index)) {
                changed |= results.word(++i) != suspects.header(index);
            }
            suspects.find(index, judge(index, changed));
        }
    }

    private Suspects.Finding judge(int index, boolean changed) {
        if (changed) {
            return Suspects.Finding.CHANGED;
        }
        if (suspects.doubtful(index) != 0) {
            return Suspects.Finding.WAITING;
        }
        return suspects.suspicious(index) ? Suspects.Finding.OPEN : Suspects.Finding.SETTLED;
    }

    private void gaveBack(WordResults results) {
        for (int i = 0; i < inChain; i++) {
            int index = chainIndices[i];
            long before = results.word(i);
            if (suspects.transition(index)) {
                boolean ended = before == suspects.word(index);
                suspects.find(index, ended ? Suspects.Finding.SETTLED : Suspects.Finding.CHANGED);
                continue;
            }
            if ((suspects.used(index, before) & suspects.held(index)) != suspects.held(index)) {
                throw new ProtocolViolation(
                        "a unit of a fenced owner was freed by somebody else: the metadata is corrupted",
                        "unit",
                        suspects.unit(index),
                        "word",
                        Long.toHexString(before));
            }
            reclaimedUnits += Integer.bitCount(suspects.held(index));
            suspects.find(index, Suspects.Finding.SETTLED);
        }
    }

    @Override
    public void lost() {
        phase = Phase.DONE;
    }

    @Override
    public void state(StateSink sink) {
        sink.number(phase.ordinal());
        sink.number(round);
        sink.number(cursor);
        sink.number(segmentCursor);
        sink.number(chainStart);
        sink.number(inChain);
        for (int i = 0; i < inChain; i++) {
            sink.number(chainIndices[i]);
        }
        numbers(sink, fenced);
        numbers(sink, inDoubt);
        numbers(sink, segmentOwners);
        sink.number(slotCount);
        for (int i = 0; i < slotCount; i++) {
            sink.number(slots[i]);
            sink.number(slotWords[i]);
        }
        suspects.state(sink);
    }

    private static void numbers(StateSink sink, int[] numbers) {
        sink.number(numbers.length);
        for (int number : numbers) {
            sink.number(number);
        }
    }

    @Override
    public ResolveSlots copy() {
        ResolveSlots copy = new ResolveSlots(layout, maxRounds, revoker);
        copy.suspects = suspects.copy();
        copy.fenced = fenced.clone();
        copy.inDoubt = inDoubt.clone();
        copy.phase = phase;
        copy.round = round;
        copy.segmentOwners = segmentOwners.clone();
        copy.slots = slots.clone();
        copy.slotWords = slotWords.clone();
        copy.slotCount = slotCount;
        copy.cursor = cursor;
        copy.segmentCursor = segmentCursor;
        copy.chainStart = chainStart;
        System.arraycopy(chainIndices, 0, copy.chainIndices, 0, BATCH);
        copy.inChain = inChain;
        copy.reclaimedUnits = reclaimedUnits;
        copy.erasedSlots = erasedSlots;
        return copy;
    }

    /** Whether everything that the fenced owners held is given back and all their slots are empty. */
    public boolean resolved() {
        if (phase != Phase.DONE) {
            return false;
        }
        for (int i = 0; i < slotCount; i++) {
            if (slotWords[i] != 0) {
                return false;
            }
        }
        return true;
    }

    /** Whether a slot was erased, so that its owner may use it again. */
    public boolean erased(int slot) {
        for (int i = 0; i < slotCount; i++) {
            if (slots[i] == slot) {
                return slotWords[i] == 0;
            }
        }
        return false;
    }

    /** Owners that must settle their slots before the rest can be resolved. */
    public Set<Integer> waitingFor() {
        Set<Integer> owners = new TreeSet<>();
        for (int i = 0; i < suspects.size(); i++) {
            if (suspects.finding(i) == Suspects.Finding.WAITING) {
                owners.add(suspects.pendingOwner(i));
            }
        }
        return owners;
    }

    /** Chunks and whole spans given back. */
    public long reclaimedUnits() {
        return reclaimedUnits;
    }

    /** Slots erased. */
    public int erasedSlots() {
        return erasedSlots;
    }
}
