package io.finemem.allocator.recovery;

import io.finemem.allocator.layout.MetadataLayout;
import io.finemem.allocator.procedure.Procedure;
import io.finemem.allocator.procedure.StateSink;
import io.finemem.allocator.procedure.WordChain;
import io.finemem.allocator.procedure.WordResults;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.LongSupplier;

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
 *       may have been missed. A header that changes time and again is frozen for the next scan.
 *   <li>What is left was held by a fenced owner, and nobody alive can touch it: one FETCH_ADD per word clears it; a transition
 *       that a fenced owner left is ended by a CAS of the section word.
 *   <li>Open the frozen spans again.
 *   <li>Erase the slots whose words are all settled.
 * </ol>
 *
 * Nothing of it is kept elsewhere: it may be cut off after any step and started again. Spans that are frozen at that moment
 * are named by the memory node's own slots, which are suspected like those of a fenced owner.
 */
public final class ResolveSlots implements Procedure {
    private static final int MAX_ROUNDS = 8;
    private static final int FREEZE_AFTER = 3;

    private enum Phase {
        DIRECTORY,
        SUSPECTED_SLOTS,
        FIRST_READING,
        FREEZE,
        WITNESS_DIRECTORY,
        WITNESS_SLOTS,
        SECOND_READING,
        GIVE_BACK,
        THAW,
        FORGET,
        ERASE,
        DONE
    }

    private final MetadataLayout layout;
    private final int maxRounds;
    private final int freezeAfter;
    private final Revoker revoker;
    private Phase phase = Phase.DONE;
    private int round;
    private int scans;
    private Cursor cursor = new Cursor();
    private SuspectedSlots slots;
    private Suspects suspects;
    private Witnesses witnesses;
    private FrozenSpans frozen;
    private WordReadings readings;
    private GiveBack giveBack = new GiveBack();

    /** A resolution in direct isolation that is to be {@linkplain #prepare prepared}, and takes no time. */
    public ResolveSlots(MetadataLayout layout) {
        this(layout, MAX_ROUNDS, FREEZE_AFTER, Revoker.NONE, () -> 0);
    }

    /**
     * A resolution in direct isolation that is to be prepared, and takes no time.
     *
     * @param maxRounds how often words that change are examined before the rest is left to the next resolution, 1 or more
     * @param freezeAfter how often they are examined before open spans are frozen, 0 or more
     */
    public ResolveSlots(MetadataLayout layout, int maxRounds, int freezeAfter) {
        this(layout, maxRounds, freezeAfter, Revoker.NONE, () -> 0);
    }

    /**
     * A resolution that is to be prepared.
     *
     * @param revoker ends rkeys before their units are given back; called once nobody alive can touch these any more
     * @param nanoTime as {@link System#nanoTime}
     */
    public ResolveSlots(MetadataLayout layout, Revoker revoker, LongSupplier nanoTime) {
        this(layout, MAX_ROUNDS, FREEZE_AFTER, revoker, nanoTime);
    }

    /** A resolution that is to be prepared, with that many rounds and that revoker, and takes no time. */
    public ResolveSlots(MetadataLayout layout, int maxRounds, Revoker revoker) {
        this(layout, maxRounds, 0, revoker, () -> 0);
    }

    private ResolveSlots(
            MetadataLayout layout, int maxRounds, int freezeAfter, Revoker revoker, LongSupplier nanoTime) {
        this.layout = layout;
        this.maxRounds = maxRounds;
        this.freezeAfter = freezeAfter;
        this.revoker = revoker;
        this.slots = new SuspectedSlots(layout, new int[0]);
        this.suspects = new Suspects(layout);
        this.witnesses = new Witnesses(layout, new int[0], new int[0]);
        this.frozen = new FrozenSpans(layout);
        this.readings = new WordReadings(nanoTime);
    }

    /**
     * Starts over.
     *
     * @param fencedOwners ids of all owners that are fenced and not recovered yet
     * @param slotsInDoubt slots of owners alive, whose chains were cut off by a fenced connection; they are treated as those
     *     of a fenced owner
     */
    public ResolveSlots prepare(Set<Integer> fencedOwners, Set<Integer> slotsInDoubt) {
        int[] inDoubt = ascending(slotsInDoubt);
        slots = new SuspectedSlots(layout, inDoubt);
        suspects = new Suspects(layout);
        witnesses = new Witnesses(layout, ascending(fencedOwners), inDoubt);
        frozen = new FrozenSpans(layout);
        giveBack = new GiveBack();
        round = 0;
        scans = 0;
        enter(Phase.DIRECTORY);
        return this;
    }

    private static int[] ascending(Set<Integer> numbers) {
        return numbers.stream().mapToInt(Integer::intValue).sorted().toArray();
    }

    private void enter(Phase next) {
        phase = next;
        cursor.restart();
    }

    @Override
    public boolean next(WordChain chain) {
        while (phase != Phase.DONE) {
            cursor.beginChain();
            append(chain);
            if (cursor.size() > 0) {
                return true;
            }
            leave();
        }
        return false;
    }

    private void append(WordChain chain) {
        switch (phase) {
            case DIRECTORY, WITNESS_DIRECTORY -> witnesses.readDirectory(cursor, chain);
            case SUSPECTED_SLOTS -> slots.read(cursor, chain);
            case FIRST_READING, SECOND_READING -> readings.read(cursor, chain, suspects);
            case FREEZE -> frozen.freeze(cursor, chain, suspects);
            case WITNESS_SLOTS -> witnesses.readSlots(cursor, chain);
            case GIVE_BACK -> giveBack.append(cursor, chain, suspects);
            case THAW -> frozen.thaw(cursor, chain, suspects);
            case FORGET -> frozen.forget(cursor, chain);
            case ERASE -> slots.erase(cursor, chain, suspects);
            case DONE -> throw new AssertionError(phase);
        }
    }

    /** The phase has nothing more to do. */
    private void leave() {
        switch (phase) {
            case DIRECTORY -> {
                slots.collect(witnesses);
                enter(Phase.SUSPECTED_SLOTS);
            }
            case SUSPECTED_SLOTS -> {
                slots.name(suspects);
                examine();
            }
            case FIRST_READING -> chooseHotSpans();
            case FREEZE -> enter(frozen.again() ? Phase.FREEZE : Phase.WITNESS_DIRECTORY);
            case WITNESS_DIRECTORY -> enter(Phase.WITNESS_SLOTS);
            case WITNESS_SLOTS -> {
                scans++;
                enter(Phase.SECOND_READING);
            }
            case SECOND_READING -> {
                GiveBack.revoke(suspects, revoker);
                enter(Phase.GIVE_BACK);
            }
            case GIVE_BACK -> enter(Phase.THAW);
            case THAW -> enter(Phase.FORGET);
            case FORGET -> again();
            case ERASE -> enter(Phase.DONE);
            case DONE -> throw new AssertionError(phase);
        }
    }

    private void examine() {
        readings.begin();
        enter(Phase.FIRST_READING);
    }

    private void chooseHotSpans() {
        if (!suspects.any(Suspects.Finding.OPEN)) {
            enter(Phase.ERASE);
            return;
        }
        if (round >= freezeAfter) {
            frozen.choose(suspects, slots);
        }
        enter(frozen.none() ? Phase.WITNESS_DIRECTORY : Phase.FREEZE);
    }

    /** Words that changed are examined again at once, a few times. */
    private void again() {
        frozen.clear();
        round = readings.tooOld() ? Math.max(round + 1, freezeAfter) : round + 1;
        if (round < maxRounds && suspects.any(Suspects.Finding.CHANGED)) {
            suspects.reopen();
            examine();
        } else {
            enter(Phase.ERASE);
        }
    }

    @Override
    public void completed(WordResults results) {
        switch (phase) {
            case DIRECTORY, WITNESS_DIRECTORY -> witnesses.directoryWasRead(cursor, results);
            case SUSPECTED_SLOTS -> slots.wasRead(cursor, results);
            case FIRST_READING -> readings.first(cursor, results, suspects);
            case FREEZE -> frozen.wereFrozen(cursor, results, suspects);
            case WITNESS_SLOTS -> witnesses.slotsWereRead(cursor, results, suspects);
            case SECOND_READING -> readings.second(cursor, results, suspects);
            case GIVE_BACK -> giveBack.completed(cursor, results, suspects);
            case THAW -> frozen.wereThawed(cursor, results, suspects);
            case FORGET -> {
                // Nothing comes back.
            }
            case ERASE -> slots.wereErased(cursor);
            case DONE -> throw new AssertionError(phase);
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
        cursor.state(sink);
        slots.state(sink);
        witnesses.state(sink);
        frozen.state(sink);
        suspects.state(sink);
    }

    @Override
    public ResolveSlots copy() {
        ResolveSlots copy = new ResolveSlots(layout, maxRounds, freezeAfter, revoker, () -> 0);
        copy.phase = phase;
        copy.round = round;
        copy.scans = scans;
        copy.cursor = cursor.copy();
        copy.slots = slots.copy();
        copy.suspects = suspects.copy();
        copy.witnesses = witnesses.copy();
        copy.frozen = frozen.copy();
        copy.readings = readings.copy();
        copy.giveBack = giveBack.copy();
        return copy;
    }

    /** Whether everything that the fenced owners held is given back and all their slots are empty. */
    public boolean resolved() {
        return phase == Phase.DONE && slots.allEmpty();
    }

    /** Whether a slot that was in doubt is erased, so that its owner may use it again. */
    public boolean erased(int slot) {
        return slots.decided(slot);
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

    /** How often the journals were scanned. */
    public int scans() {
        return scans;
    }

    /** Chunks and whole spans given back. */
    public long reclaimedUnits() {
        return giveBack.reclaimedUnits();
    }

    /** Slots erased. */
    public int erasedSlots() {
        return slots.erased();
    }
}
