package io.finemem.simulation.explore;

import io.finemem.allocator.layout.JournalSlot;
import io.finemem.allocator.layout.MetadataLayout;
import io.finemem.allocator.layout.SpanHeader;
import io.finemem.allocator.recovery.ResolveSlots;
import io.finemem.simulation.explore.ChainMutants.EndEffects;
import io.finemem.simulation.step.PostedChain;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;

/** Protocols whose owners, or whose memory node, break a rule. */
final class RuleMutants {
    private RuleMutants() {}

    private static Rules filtered(FilteredResolution.Filter filter) {
        return new EndEffects() {
            @Override
            Resolution resolution(MetadataLayout layout, Set<Integer> fenced, Set<Integer> inDoubt, State state) {
                return new FilteredResolution(new ResolveSlots(layout, 2, 0).prepare(fenced, inDoubt), filter);
            }
        };
    }

    private static Rules afterLoss(Kind kind, Rules.AfterLoss then) {
        return new EndEffects() {
            @Override
            AfterLoss afterLoss(Action action) {
                return action.kind() == kind ? then : super.afterLoss(action);
            }
        };
    }

    private static long pendingAs(int phase, long slot, long instead) {
        boolean pending = JournalSlot.kind(slot) == JournalSlot.PENDING;
        return phase == FilteredResolution.WITNESS_SLOTS && pending ? instead : slot;
    }

    private static long withoutVersion(long word, long like, long offset) {
        // Headers come after section words in the layout, page by page; both are compared by content.
        long content = offset < 2 * 4096 ? 0xffff_ffffL : (1L << 35) - 1;
        return (word & content) == (like & content) ? like : word;
    }

    static final List<Mutant> ALL = List.of(
            new Mutant(
                    "a worker frees while another's confirm is in flight",
                    new EndEffects() {
                        @Override
                        boolean freesBusySlots() {
                            return true;
                        }
                    },
                    "workers"),
            new Mutant(
                    "resolving without a fence",
                    new EndEffects() {
                        @Override
                        boolean fences(int lane) {
                            return false;
                        }
                    },
                    "crash-claim"),
            new Mutant(
                    "resolving after the fence of one of two connections",
                    new EndEffects() {
                        @Override
                        boolean fences(int lane) {
                            return lane == 0;
                        }
                    },
                    "workers"),
            new Mutant(
                    "no scan of the journals",
                    filtered((resolution, phase, offset, result) ->
                            phase == FilteredResolution.WITNESS_SLOTS ? 0 : result),
                    "crash-claim"),
            new Mutant(
                    "no scan of the journals for transitions",
                    filtered((resolution, phase, offset, result) -> phase == FilteredResolution.WITNESS_SLOTS
                                    && JournalSlot.type(result) == JournalSlot.TRANSITION
                            ? 0
                            : result),
                    "crash-open"),
            new Mutant("scan before the first reading", new ScansFirst(), "crash-claim"),
            new Mutant(
                    "no second reading",
                    filtered((resolution, phase, offset, result) -> phase == FilteredResolution.SECOND_READING
                            ? resolution.atFirstReading(offset, result)
                            : result),
                    "crash-claim"),
            new Mutant(
                    "no second reading, transitions",
                    filtered((resolution, phase, offset, result) -> phase == FilteredResolution.SECOND_READING
                            ? resolution.atFirstReading(offset, result)
                            : result),
                    "crash-open"),
            new Mutant(
                    "second reading compares without the version",
                    filtered((resolution, phase, offset, result) -> phase == FilteredResolution.SECOND_READING
                            ? withoutVersion(result, resolution.atFirstReading(offset, result), offset)
                            : result),
                    "crash-claim",
                    "restart-claim"),
            new Mutant(
                    "directory not read again",
                    filtered((resolution, phase, offset, result) -> phase == FilteredResolution.WITNESS_DIRECTORY
                            ? resolution.inTheBeginning(offset, result)
                            : result),
                    "crash-claim"),
            new Mutant(
                    "PENDING of owners alive ignored",
                    filtered((resolution, phase, offset, result) -> pendingAs(phase, result, 0)),
                    "crash-claim"),
            new Mutant(
                    "PENDING of owners alive believed",
                    filtered(
                            (resolution, phase, offset, result) -> pendingAs(phase, result, JournalSlot.owned(result))),
                    "crash-claim"),
            new Mutant(
                    "OWNED of owners alive ignored",
                    filtered((resolution, phase, offset, result) ->
                            phase == FilteredResolution.WITNESS_SLOTS && JournalSlot.kind(result) == JournalSlot.OWNED
                                    ? 0
                                    : result),
                    "crash-claim"),
            new Mutant("OWNED of fenced owners believed", new BelievesFencedOwners(), "two-dead-restart"),
            new Mutant(
                    "two resolvers",
                    new EndEffects() {
                        @Override
                        int resolvers() {
                            return 2;
                        }
                    },
                    "crash-claim"),
            new Mutant("interrupted free posted again", afterLoss(Kind.FREE, Rules.AfterLoss.REPEAT), "doubt-claim"),
            new Mutant("interrupted free taken as done", afterLoss(Kind.FREE, Rules.AfterLoss.FORGET), "doubt-claim"),
            new Mutant(
                    "interrupted claim taken as failed", afterLoss(Kind.CLAIM, Rules.AfterLoss.FORGET), "doubt-claim"),
            new Mutant("interrupted claim posted again", afterLoss(Kind.CLAIM, Rules.AfterLoss.REPEAT), "doubt-claim"),
            new Mutant(
                    "interrupted opening taken as failed", afterLoss(Kind.OPEN, Rules.AfterLoss.FORGET), "doubt-open"),
            new Mutant("interrupted closing forgotten", afterLoss(Kind.CLOSE, Rules.AfterLoss.FORGET), "doubt-open"),
            new Mutant(
                    "interrupted free of spans posted again",
                    afterLoss(Kind.FREE_SPANS, Rules.AfterLoss.REPEAT),
                    "confirm-spans"),
            new Mutant(
                    "interrupted claim of sections taken as failed",
                    afterLoss(Kind.CLAIM_SECTIONS, Rules.AfterLoss.FORGET),
                    "sections"),
            new Mutant(
                    "no settling while in doubt",
                    new EndEffects() {
                        @Override
                        boolean settlesInDoubt() {
                            return false;
                        }
                    },
                    "doubt-claim",
                    "doubt-and-death"),
            new Mutant(
                    "slot reused before the free is complete",
                    new EndEffects() {
                        @Override
                        boolean slotFreeAtOnce() {
                            return true;
                        }
                    },
                    "workers"),
            new Mutant(
                    "settlement writes slots of chains under way",
                    new EndEffects() {
                        @Override
                        boolean settlementSparesBusySlots() {
                            return false;
                        }
                    },
                    "workers"),
            new Mutant(
                    "slots erased before the units are given back",
                    new EndEffects() {
                        @Override
                        void resolving(PostedChain chain, int fenced, Words words) {
                            if (chain.kind(0) == PostedChain.ADD) {
                                eraseAll(chain, fenced, words);
                            }
                        }
                    },
                    "restart-claim"),
            new Mutant("freeze without a slot of the node", new FreezesUnnamed(), "freeze-restart", "freeze-doubt"),
            new Mutant(
                    "slot of the node erased before the thaw",
                    new ForgetsBeforeThaw(),
                    "freeze-restart",
                    "freeze-doubt"),
            new Mutant(
                    "owner called recovered while something waits",
                    new EndEffects() {
                        @Override
                        boolean recovered(Resolution resolution) {
                            return true;
                        }
                    },
                    "crash-claim"));

    private static boolean namesSpan(PostedChain chain, int element, Words words) {
        boolean write = chain.kind(element) == PostedChain.WRITE;
        return write && words.nodeSlots > 0 && chain.offset(element) == words.layout.nodeSlot(0);
    }

    private static final class FreezesUnnamed extends EndEffects {
        @Override
        void resolving(PostedChain chain, int fenced, Words words) {
            if (chain.size() > 1 && namesSpan(chain, 0, words) && chain.kind(1) == PostedChain.CAS) {
                chain.drop(0, 0);
            }
        }
    }

    private static final class ForgetsBeforeThaw extends EndEffects {
        @Override
        void resolving(PostedChain chain, int fenced, Words words) {
            if (chain.kind(0) == PostedChain.ADD && chain.first(0) == SpanHeader.reopenAddend()) {
                chain.insert(0, PostedChain.WRITE, words.layout.nodeSlot(0), 0, 0);
            }
        }
    }

    private static void eraseAll(PostedChain chain, int fenced, Words words) {
        for (int slot = 0; slot < words.owners * words.slotsPerOwner; slot++) {
            if ((fenced >>> slot / words.slotsPerOwner & 1) != 0) {
                chain.insert(0, PostedChain.WRITE, words.layout.journalSlot(slot), 0, 0);
            }
        }
    }

    private static final class ScansFirst extends EndEffects {
        @Override
        Resolution resolution(MetadataLayout layout, Set<Integer> fenced, Set<Integer> inDoubt, State state) {
            long[] slots = IntStream.range(0, layout.journalSegments() * layout.segmentSlots())
                    .mapToLong(layout::journalSlot)
                    .toArray();
            FilteredResolution.Filter filter = (resolution, phase, offset, result) ->
                    phase == FilteredResolution.WITNESS_SLOTS ? resolution.inTheBeginning(offset, result) : result;
            return new FilteredResolution(new ResolveSlots(layout, 2, 0).prepare(fenced, inDoubt), filter, slots);
        }
    }

    /** One fenced owner after the other; what the others said before they were fenced counts as true. */
    private static final class BelievesFencedOwners extends EndEffects {
        @Override
        int resolvedTogether(int fenced) {
            return Integer.highestOneBit(fenced);
        }

        @Override
        Resolution resolution(MetadataLayout layout, Set<Integer> fenced, Set<Integer> inDoubt, State state) {
            boolean othersFenced = IntStream.range(0, state.owners.length)
                    .anyMatch(owner -> state.owners[owner].status == OwnerState.FENCED && !fenced.contains(owner + 1));
            FilteredResolution.Filter filter =
                    (resolution, phase, offset, result) -> othersFenced ? pendingAs(phase, result, 0) : result;
            return new FilteredResolution(new ResolveSlots(layout, 2, 0).prepare(fenced, inDoubt), filter);
        }
    }
}
