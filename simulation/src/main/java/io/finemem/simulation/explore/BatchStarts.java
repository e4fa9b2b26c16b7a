package io.finemem.simulation.explore;

import io.finemem.allocator.layout.JournalSlot;
import io.finemem.allocator.layout.SectionWord;
import io.finemem.allocator.layout.SpanHeader;
import io.finemem.allocator.procedure.ClaimChunks;
import io.finemem.allocator.procedure.FreeBlocks;
import io.finemem.allocator.procedure.OpenSpan;
import io.finemem.allocator.procedure.Procedure;
import io.finemem.simulation.explore.Scenario.Fault;
import java.util.function.BiConsumer;

/**
 * What a worker that is idle may begin with several blocks at once. A claim takes two slots, and once an attempt has failed
 * as many blocks as before, or one; a free gives all blocks back.
 */
final class BatchStarts {
    private static final int BLOCKS = 2;
    private static final int LOWER_HALF = 0xffff;

    private final Scenario scenario;
    private final Words words;
    private final Rules rules;

    BatchStarts(Scenario scenario, Words words, Rules rules) {
        this.scenario = scenario;
        this.words = words;
        this.rules = rules;
    }

    void of(State state, int number, BiConsumer<Action, Procedure> out) {
        if (scenario.may(number, Kind.FREE_MANY)) {
            frees(state, number, out);
        }
        boolean claims = scenario.may(number, Kind.CLAIM_MANY);
        boolean opens = scenario.may(number, Kind.OPEN_MANY);
        int free = claims || opens ? state.owners[number].free() : 0;
        for (int one = 0; one < words.slotsPerOwner; one++) {
            for (int other = one + 1; other < words.slotsPerOwner; other++) {
                int pair = 1 << one | 1 << other;
                if ((free & pair) == pair) {
                    int[] slots = {journalSlot(number, one), journalSlot(number, other)};
                    for (int span = 0; span < words.spans; span++) {
                        if (claims) {
                            claim(state, span, slots, pair, out);
                        }
                        if (opens) {
                            open(state, number, span, slots, pair, free & ~pair, out);
                        }
                    }
                }
            }
        }
    }

    private int journalSlot(int owner, int slot) {
        return owner * words.slotsPerOwner + slot;
    }

    private void claim(State state, int span, int[] slots, int pair, BiConsumer<Action, Procedure> out) {
        long current = state.words[words.header(span)];
        for (int order : scenario.orders()) {
            Action action = Action.claimMany(span, 1 << order, pair);
            for (int needed = 1; needed <= BLOCKS; needed++) {
                out.accept(action, claim(span, order, slots, needed, rules.claimHeader(current)));
                for (int map = 0; map <= LOWER_HALF && scenario.has(Fault.STALE); map += LOWER_HALF) {
                    long content = SpanHeader.withOpen(SpanHeader.withMap(0, map), true);
                    long outdated = words.outdated(words.header(span), content, current);
                    out.accept(action, claim(span, order, slots, needed, outdated));
                }
            }
        }
    }

    private ClaimChunks claim(int span, int order, int[] slots, int needed, long header) {
        return new ClaimChunks(words.layout, Starts.THRESHOLDS).prepare(span, order, slots, BLOCKS, needed, header);
    }

    private void open(
            State state, int owner, int span, int[] slots, int pair, int others, BiConsumer<Action, Procedure> out) {
        if (others == 0) {
            return;
        }
        int transition = Integer.numberOfTrailingZeros(others);
        int index = words.section(span / 16);
        long current = state.words[index];
        for (int order : scenario.orders()) {
            Action action = Action.openMany(span, 1 << order, pair, transition);
            int journalSlot = journalSlot(owner, transition);
            long known = rules.openSection(current, span, state, words);
            out.accept(action, new OpenSpan(words.layout).prepare(span, order, journalSlot, slots, BLOCKS, known));
            if (scenario.has(Fault.STALE)) {
                long content = SectionWord.withStates(0, scenario.spansOutOfUse(), SectionWord.TAKEN);
                long outdated = words.outdated(index, content, current);
                out.accept(
                        action, new OpenSpan(words.layout).prepare(span, order, journalSlot, slots, BLOCKS, outdated));
            }
        }
    }

    /** All blocks that no chain is under way for, if there are several. */
    private void frees(State state, int number, BiConsumer<Action, Procedure> out) {
        OwnerState owner = state.owners[number];
        FreeBlocks free = new FreeBlocks(words.layout).prepare();
        int slots = 0;
        for (int slot = 0; slot < words.slotsPerOwner; slot++) {
            long entry = owner.held[slot];
            if (entry != 0 && (owner.busy() >>> slot & 1) == 0 && JournalSlot.type(entry) == JournalSlot.CHUNKS) {
                boolean confirmed = (owner.confirmed >>> slot & 1) != 0;
                slots |= free.add(entry, journalSlot(number, slot), 0, confirmed) ? 1 << slot : 0;
            }
        }
        if (Integer.bitCount(slots) > 1) {
            out.accept(Action.freeMany(slots), free);
        }
    }
}
