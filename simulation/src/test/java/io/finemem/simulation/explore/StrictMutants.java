package io.finemem.simulation.explore;

import io.finemem.allocator.layout.MetadataLayout;
import io.finemem.allocator.recovery.ResolveSlots;
import io.finemem.allocator.recovery.Revoker;
import io.finemem.simulation.explore.ChainMutants.EndEffects;
import io.finemem.simulation.step.PostedChain;
import java.util.List;
import java.util.Set;

/** Strict isolation with one ingredient missing. */
final class StrictMutants {
    private StrictMutants() {}

    /** Moves all elements of a kind behind everything else of the chain. */
    private static void moveBehind(PostedChain chain, int kind) {
        int last = chain.size() - 1;
        for (int i = last; i >= 0; i--) {
            if (chain.kind(i) == kind) {
                chain.move(i, last--);
            }
        }
    }

    private static boolean clears(PostedChain chain) {
        return chain.kind(chain.size() - 1) == PostedChain.ADD;
    }

    static final List<Mutant> ALL = List.of(
            new Mutant(
                    "strict: slot used again before the acknowledgment",
                    new EndEffects() {
                        @Override
                        boolean slotFreeBeforeAcknowledgment() {
                            return true;
                        }
                    },
                    "strict-claim"),
            new Mutant(
                    "strict: units cleared before the rkey is dead",
                    new EndEffects() {
                        @Override
                        void sweeping(Sweep sweep, PostedChain chain, Words words, State state) {
                            if (clears(chain)) {
                                moveBehind(chain, PostedChain.PUBLISH);
                                moveBehind(chain, PostedChain.BIND);
                            }
                        }
                    },
                    "strict-claim"),
            new Mutant(
                    "strict: new rkey stored after the units are cleared",
                    new EndEffects() {
                        @Override
                        void sweeping(Sweep sweep, PostedChain chain, Words words, State state) {
                            if (clears(chain)) {
                                moveBehind(chain, PostedChain.PUBLISH);
                            }
                        }
                    },
                    "strict-claim"),
            new Mutant(
                    "strict: acknowledged before the units are cleared",
                    new EndEffects() {
                        @Override
                        void sweeping(Sweep sweep, PostedChain chain, Words words, State state) {
                            for (int ring = 0; ring < sweep.owners().length && clears(chain); ring++) {
                                long offset = words.layout.revokeHead(sweep.owners()[ring]);
                                chain.insert(
                                        0,
                                        PostedChain.WRITE,
                                        offset,
                                        sweep.procedure().next(ring),
                                        0);
                            }
                        }
                    },
                    "strict-claim",
                    "strict-restart",
                    "strict-crash-restart"),
            new Mutant(
                    "strict: batch repeated after the agent began again",
                    new EndEffects() {
                        @Override
                        boolean resolvesAfterRestart() {
                            return false;
                        }
                    },
                    "strict-restart",
                    "strict-crash-restart"),
            new Mutant(
                    "strict: all slots of the owner of an entry in doubt",
                    new EndEffects() {
                        @Override
                        long inDoubt(long slotsOfEntries, Words words) {
                            long slots = 0;
                            long all = (1L << words.slotsPerOwner) - 1;
                            for (int owner = 0; owner < words.owners; owner++) {
                                long own = all << owner * words.slotsPerOwner;
                                slots |= (slotsOfEntries & own) == 0 ? 0 : own;
                            }
                            return slots;
                        }
                    },
                    "strict-two-slots"),
            new Mutant(
                    "strict: recovery before the ring is drained, sweeps go on",
                    new EndEffects() {
                        @Override
                        boolean drains() {
                            return false;
                        }

                        @Override
                        int resolvers() {
                            return 2;
                        }

                        @Override
                        boolean resolves(int thread) {
                            return thread == 0;
                        }

                        @Override
                        boolean sweeps(int thread) {
                            return thread == 1;
                        }
                    },
                    "strict-crash",
                    "strict-crash-restart"),
            new Mutant(
                    "strict: recovery leaves rkeys alive",
                    new EndEffects() {
                        @Override
                        Resolution resolution(
                                MetadataLayout layout, Keys keys, Set<Integer> fenced, Set<Integer> inDoubt) {
                            return Resolution.shipped(
                                    new ResolveSlots(layout, 2, Revoker.NONE).prepare(fenced, inDoubt));
                        }
                    },
                    "strict-crash"),
            new Mutant(
                    "strict: interrupted free taken as asked for",
                    new EndEffects() {
                        @Override
                        AfterLoss afterLoss(Action action) {
                            return action.kind() == Kind.REVOKE ? AfterLoss.FORGET : super.afterLoss(action);
                        }
                    },
                    "strict-doubt"));
}
