package io.finemem.simulation.explore;

import io.finemem.allocator.decision.ContentionThresholds;
import io.finemem.allocator.decision.SectionDecisions;
import io.finemem.allocator.decision.SpanDecisions;
import io.finemem.allocator.layout.JournalSlot;
import io.finemem.allocator.layout.SectionWord;
import io.finemem.allocator.layout.SpanHeader;
import io.finemem.allocator.procedure.ClaimChunks;
import io.finemem.allocator.procedure.ClaimSections;
import io.finemem.allocator.procedure.ClaimSpans;
import io.finemem.allocator.procedure.CloseSpan;
import io.finemem.allocator.procedure.FreeChunks;
import io.finemem.allocator.procedure.FreeSpans;
import io.finemem.allocator.procedure.OpenSpan;
import io.finemem.allocator.procedure.Procedure;
import io.finemem.allocator.procedure.RequestRevoke;
import io.finemem.allocator.procedure.WriteSlots;
import io.finemem.simulation.explore.Scenario.Fault;
import java.util.function.BiConsumer;

/**
 * What a worker that is idle may begin. Of slots that say the same only one is tried. With stale caches every action that
 * the current words do not allow, or would meet with another version, is begun as well.
 */
final class Starts {
    static final ContentionThresholds THRESHOLDS = new ContentionThresholds(1, 1);
    private static final int LOWER_HALF = 0xffff;

    private final Scenario scenario;
    private final Words words;
    private final Rules rules;
    private final BatchStarts batches;

    Starts(Scenario scenario, Words words, Rules rules) {
        this.scenario = scenario;
        this.words = words;
        this.rules = rules;
        this.batches = new BatchStarts(scenario, words, rules);
    }

    void of(State state, int number, BiConsumer<Action, Procedure> out) {
        OwnerState owner = state.owners[number];
        settle(state, number, out);
        confirm(state, number, out);
        frees(state, number, out);
        batches.of(state, number, out);
        int free = owner.free();
        for (int slot = 0; slot < words.slotsPerOwner; slot++) {
            if ((free >>> slot & 1) != 0 && firstOfItsKind(state, number, free, slot)) {
                claims(state, number, slot, out);
                transitions(state, number, free, slot, out);
            }
        }
    }

    private boolean firstOfItsKind(State state, int owner, int candidates, int slot) {
        for (int earlier = 0; earlier < slot; earlier++) {
            boolean same = state.words[words.slot(owner, earlier)] == state.words[words.slot(owner, slot)];
            if (same && (candidates >>> earlier & 1) != 0) {
                return false;
            }
        }
        return true;
    }

    private int journalSlot(int owner, int slot) {
        return owner * words.slotsPerOwner + slot;
    }

    private void claims(State state, int owner, int slot, BiConsumer<Action, Procedure> out) {
        if (scenario.may(owner, Kind.CLAIM)) {
            for (int span = 0; span < words.spans; span++) {
                for (int order : scenario.orders()) {
                    claimChunks(state, owner, slot, span, order, out);
                }
            }
        }
        if (scenario.may(owner, Kind.CLAIM_SPANS)) {
            for (int section = 0; section < words.sections; section++) {
                for (int order : scenario.spanOrders()) {
                    claimSpans(state, owner, slot, section, order, out);
                }
            }
        }
        if (scenario.may(owner, Kind.CLAIM_SECTIONS)) {
            for (int run : scenario.sectionRuns()) {
                for (int first = 0; first + run <= words.sections; first++) {
                    claimSections(state, owner, slot, first, run, out);
                }
            }
        }
    }

    private void claimChunks(State state, int owner, int slot, int span, int order, BiConsumer<Action, Procedure> out) {
        Action action = Action.of(Kind.CLAIM, span, slot);
        int index = words.header(span);
        long current = state.words[index];
        int journalSlot = journalSlot(owner, slot);
        out.accept(
                action,
                new ClaimChunks(words.layout, THRESHOLDS)
                        .prepare(span, order, journalSlot, rules.claimHeader(current)));
        if (!scenario.has(Fault.STALE)) {
            return;
        }
        for (int map = 0; map <= LOWER_HALF; map += LOWER_HALF) {
            long content = SpanHeader.withOpen(SpanHeader.withMap(0, map), true);
            long outdated = words.outdated(index, content, current);
            out.accept(action, new ClaimChunks(words.layout, THRESHOLDS).prepare(span, order, journalSlot, outdated));
        }
    }

    private void claimSpans(
            State state, int owner, int slot, int section, int order, BiConsumer<Action, Procedure> out) {
        Action action = Action.of(Kind.CLAIM_SPANS, section, slot);
        int index = words.section(section);
        long current = state.words[index];
        int journalSlot = journalSlot(owner, slot);
        out.accept(
                action, new ClaimSpans(words.layout).prepare(section, order, journalSlot, rules.claimSection(current)));
        if (scenario.has(Fault.STALE)) {
            long content = SectionWord.withStates(0, scenario.spansOutOfUse(), SectionWord.TAKEN);
            long outdated = words.outdated(index, content, current);
            out.accept(action, new ClaimSpans(words.layout).prepare(section, order, journalSlot, outdated));
        }
    }

    private void claimSections(
            State state, int owner, int slot, int first, int run, BiConsumer<Action, Procedure> out) {
        Action action = Action.claimSections(first, run, slot);
        for (int outdated = 0; outdated < (scenario.has(Fault.STALE) ? 1 << run : 1); outdated++) {
            ClaimSections claim = new ClaimSections(words.layout).prepare(first, run, journalSlot(owner, slot));
            for (int i = 0; i < run; i++) {
                int index = words.section(first + i);
                long current = state.words[index];
                boolean stale = (outdated >>> i & 1) != 0;
                claim.expect(i, stale ? words.outdated(index, 0, current) : current);
            }
            out.accept(action, claim);
        }
    }

    private void frees(State state, int number, BiConsumer<Action, Procedure> out) {
        OwnerState owner = state.owners[number];
        int busy = owner.busy();
        for (int slot = 0; slot < words.slotsPerOwner; slot++) {
            boolean usable = (busy >>> slot & 1) == 0 || rules.freesBusySlots();
            if (owner.held[slot] != 0 && usable) {
                free(number, slot, owner.held[slot], owner.tail, (owner.confirmed >>> slot & 1) != 0, out);
            }
        }
    }

    private void free(
            int owner, int slot, long entry, long tail, boolean confirmed, BiConsumer<Action, Procedure> out) {
        int unit = JournalSlot.unit(entry);
        int journalSlot = journalSlot(owner, slot);
        if (scenario.strict()) {
            out.accept(
                    Action.free(Kind.REVOKE, unit, slot, entry),
                    new RequestRevoke(words.layout)
                            .prepare(journalSlot, JournalSlot.mask(entry), tail, confirmed ? entry : 0));
            return;
        }
        if (JournalSlot.type(entry) == JournalSlot.CHUNKS) {
            if (scenario.may(owner, Kind.FREE)) {
                out.accept(
                        Action.free(Kind.FREE, unit, slot, entry),
                        new FreeChunks(words.layout).prepare(unit, JournalSlot.mask(entry), journalSlot, confirmed));
            }
            return;
        }
        if (scenario.may(owner, Kind.FREE_SPANS)) {
            boolean run = JournalSlot.type(entry) == JournalSlot.SECTIONS;
            int count = run ? JournalSlot.mask(entry) : 1;
            int mask = run ? 0xffff : JournalSlot.mask(entry);
            out.accept(
                    Action.free(Kind.FREE_SPANS, unit, slot, entry),
                    new FreeSpans(words.layout).prepare(unit, count, mask, journalSlot, confirmed ? entry : 0));
        }
    }

    private void transitions(State state, int owner, int free, int slot, BiConsumer<Action, Procedure> out) {
        for (int span = 0; span < words.spans; span++) {
            if (scenario.may(owner, Kind.OPEN)) {
                for (int claim = 0; claim < words.slotsPerOwner; claim++) {
                    int others = free & ~(1 << slot);
                    if ((others >>> claim & 1) != 0 && firstOfItsKind(state, owner, others, claim)) {
                        open(state, owner, slot, claim, span, out);
                    }
                }
            }
            if (scenario.may(owner, Kind.CLOSE)) {
                close(state, owner, slot, span, out);
            }
        }
    }

    private void open(State state, int owner, int transition, int claim, int span, BiConsumer<Action, Procedure> out) {
        Action action = Action.open(span, claim, transition);
        int index = words.section(span / 16);
        long current = state.words[index];
        for (int order : scenario.orders()) {
            long known = rules.openSection(current, span, state, words);
            out.accept(action, opening(owner, transition, claim, span, order, known));
            if (scenario.has(Fault.STALE)) {
                long content = SectionWord.withStates(0, scenario.spansOutOfUse(), SectionWord.TAKEN);
                long outdated = words.outdated(index, content, current);
                out.accept(action, opening(owner, transition, claim, span, order, outdated));
            }
        }
    }

    private OpenSpan opening(int owner, int transition, int claim, int span, int order, long word) {
        return new OpenSpan(words.layout)
                .prepare(span, order, journalSlot(owner, transition), journalSlot(owner, claim), word);
    }

    private void close(State state, int owner, int slot, int span, BiConsumer<Action, Procedure> out) {
        Action action = Action.close(span, slot);
        long current = state.words[words.header(span)];
        long section = state.words[words.section(span / 16)];
        int journalSlot = journalSlot(owner, slot);
        long known = rules.closeHeader(current);
        if (SpanDecisions.closable(known)) {
            out.accept(action, new CloseSpan(words.layout).prepare(span, journalSlot, known, section));
        }
        if (scenario.has(Fault.STALE)) {
            long empty = words.outdated(words.header(span), SpanHeader.withOpen(0, true), current);
            out.accept(action, new CloseSpan(words.layout).prepare(span, journalSlot, empty, section));
            long oldSection = words.outdated(words.section(span / 16), section, section);
            if (SectionDecisions.open(section, span % 16) && SpanDecisions.closable(known)) {
                out.accept(action, new CloseSpan(words.layout).prepare(span, journalSlot, known, oldSection));
            }
        }
    }

    /** Of its own accord an owner confirms or erases one slot. */
    private void confirm(State state, int number, BiConsumer<Action, Procedure> out) {
        if (!scenario.may(number, Kind.CONFIRM)) {
            return;
        }
        int candidates = unsettled(state, number);
        for (int slot = 0; slot < words.slotsPerOwner; slot++) {
            if ((candidates >>> slot & 1) != 0) {
                write(state, number, Kind.CONFIRM, 1 << slot, out);
            }
        }
    }

    /** The answer to a settle request: all slots at once. */
    void settle(State state, int number, BiConsumer<Action, Procedure> out) {
        OwnerState owner = state.owners[number];
        if (owner.asked && (owner.doubt == 0 || rules.settlesInDoubt())) {
            write(state, number, Kind.SETTLE, unsettled(state, number), out);
        }
    }

    /** Slots without a chain in flight that do not say the truth yet. */
    private int unsettled(State state, int number) {
        OwnerState owner = state.owners[number];
        int busy = owner.doubt | (rules.settlementSparesBusySlots() ? owner.busy() : 0);
        int slots = 0;
        for (int slot = 0; slot < words.slotsPerOwner; slot++) {
            boolean promised = (owner.confirmed >>> slot & 1) != 0;
            boolean stale =
                    owner.held[slot] == 0 && owner.waiting[slot] == 0 && state.words[words.slot(number, slot)] != 0;
            boolean unsaid = owner.held[slot] != 0 && !promised;
            slots |= (stale || unsaid) && (busy >>> slot & 1) == 0 ? 1 << slot : 0;
        }
        return slots;
    }

    private void write(State state, int number, Kind kind, int slots, BiConsumer<Action, Procedure> out) {
        OwnerState owner = state.owners[number];
        WriteSlots writes = new WriteSlots(words.layout).prepare();
        for (int slot = 0; slot < words.slotsPerOwner; slot++) {
            if ((slots >>> slot & 1) != 0) {
                long entry = owner.held[slot];
                writes.add(journalSlot(number, slot), entry == 0 ? 0 : JournalSlot.owned(entry));
            }
        }
        out.accept(Action.write(kind, slots), writes);
    }
}
